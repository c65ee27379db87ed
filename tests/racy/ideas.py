"""Which misconceptions of `tests/misconceptions.toml` the racy chaff have: these are not in there.

For the page of usual mistakes: what `exploration.schedules` finds most often.
"""

# By misconception; in the order in which they stand on the page.
IDEAS: dict[str, tuple[str, ...]] = {
    "checked-then-taken": (
        "name_checked_then_taken_dict",
        "name_checked_then_taken_list",
        "name_checked_then_taken_far_apart",
        "name_checked_then_taken_on_one_line",
    ),
    "walked-without-the-lock": (
        "list_walked_while_changed",
        "members_walked_while_changed",
        "dict_changed_while_walked",
        "dict_changed_while_snapshot_is_taken",
        "people_of_the_server_walked_while_changed",
        "filter_walked_after_the_lock",
    ),
    "one-variable-for-all-threads": (
        "speaker_kept_in_a_shared_variable",
        "speaker_kept_in_the_room",
    ),
    "ok-and-list-in-two-steps": (
        "ok_after_the_lock",
        "ok_after_the_list",
        "acknowledged_before_registered",
        "acknowledged_before_listed",
    ),
    "one-line-in-two-sends": ("two_sends_for_one_message", "newline_sent_separately"),
    "lists-out-of-step": (
        "parallel_lists_out_of_step",
        "parallel_lists_removed_in_two_steps",
        "name_freed_before_the_member_is_gone",
    ),
    "lock-taken-again": (
        "lock_taken_again_by_its_holder",
        "lock_taken_again_when_a_peer_is_dead",
        "lock_never_released_after_an_error",
    ),
    "locks-in-two-orders": ("two_locks_in_two_orders",),
}
