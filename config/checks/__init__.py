"""What no section of the settings can know by itself: whether it fits together with the others."""

from config.checks.channels import CHANNEL_CHECKS
from config.checks.clock import CLOCK_CHECKS
from config.checks.customers import CUSTOMER_CHECKS
from config.checks.desk import DESK_CHECKS
from config.checks.ladder import LADDER_CHECKS
from config.checks.people import PEOPLE_CHECKS
from config.checks.routes import ROUTE_CHECKS
from config.checks.rules import RULE_CHECKS
from config.draft import Draft
from config.problems import Problem

CHECKS = (
    *DESK_CHECKS,
    *CHANNEL_CHECKS,
    *PEOPLE_CHECKS,
    *CUSTOMER_CHECKS,
    *RULE_CHECKS,
    *ROUTE_CHECKS,
    *LADDER_CHECKS,
    *CLOCK_CHECKS,
)


def cross_checked(draft: Draft) -> list[Problem]:
    """Every such problem; errors and warnings."""
    return [problem for check in CHECKS for problem in check(draft)]
