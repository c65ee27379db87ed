"""What no written story thinks of: sessions and schedules drawn from the seed."""


def test_sessions(explorer):
    explorer.random_sessions_agree_with_the_model()


def test_schedules(explorer):
    explorer.schedules_break_nothing()
