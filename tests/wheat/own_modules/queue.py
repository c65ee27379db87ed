"""What was said last; nothing of the standard library's module of that name."""


class History:
    """The last lines, as many as ``most``."""

    def __init__(self, most):
        self.most = most
        self.lines = []

    def add(self, line):
        self.lines = [*self.lines, line][-self.most :]
