"""Marks as spreadsheets and learning platforms take them: `nbgrader export NAME`. It knows platforms/ and the desk.

exporter   what all formats share
forms      a list that a platform has given, with the marks filled in
moodle     Moodle: the grade import, the grading worksheet, the zip of feedback files
canvas     Canvas: its gradebook file
others     manaba, Sakai and Blackboard: their own lists
sheet      for people: an .xlsx, with what to look at
"""
