"""Why grading stops: each message is the one line that the teacher reads."""


class Halt(Exception):
    """Grading cannot go on for anybody; the message says why, and what to do."""


class NoSandbox(Halt):
    """This system cannot keep students' code apart."""


class NoWorkers(Halt):
    """There is no cluster to run notebooks on."""


GO_ON = "ここまでの結果は保存されています。直したら、同じ命令で続きから採点できます。"
