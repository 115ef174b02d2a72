"""Made-up classes, to rehearse what a teacher does, and to see that nothing can go wrong in it.

course           a course folder of its own, and the nbgrader commands in it
sample_class     students who do what students do
demo             make grade-demo: the sample class from the first step to the last
hostile_class    students who attack the grading, harmlessly: hostile/ holds what their cells try
hostile_files    what they do to the file itself
effects          what became of a probe
attack           make attack: lets the hostile class hand in, and counts what reached its aim
stock_nbgrader   nbgrader as it comes, beside which the grading is measured
"""
