"""A company that uses all settings: shifts, promises, ladders, customers; hurried so that tests need not wait."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.running_desk import NETWORK, TEAM

ENGINEERING = "engineering@desk.example"
OLA, IVAN, MIKA, DANA = (f"{name}@staff.example" for name in ("ola", "ivan", "mika", "dana"))
ZONE = ZoneInfo("Europe/Warsaw")
LATER = 5  # Seconds until the step of the ladder for P2, before which a test claims the ticket.


def company(*, rules: str = "") -> str:
    """Its settings from `teams:` on and what these name; `rules` stand before its own under `classify:`."""
    duty = datetime.now(ZONE) - timedelta(days=1)  # Ivan's week began yesterday.
    return f"""timers: {{poll: 0.2s}}
calendars:
  always: {{time_zone: {ZONE}, mon-sun: "00:00-24:00"}}
people:
  ola: {{name: Ola Nowak, mail: {OLA}, speaks: [pl, en]}}
  ivan: {{name: Ivan Petrov, mail: {IVAN}, speaks: [ru, en]}}
  mika: {{name: Mika Lind, mail: {MIKA}, speaks: [en]}}
  boss: {{name: Dana Wolff, mail: {DANA}, role: manager}}
teams:
  help: {{level: 1, shifts: [{{calendar: always, people: [mika, ola]}}], workspace: {{mail: {TEAM}}}}}
  network:
    level: 2
    shifts: [{{calendar: always, people: [mika, ivan, ola]}}]
    on_call: {{weekly: [ivan, mika], from: "{duty:%Y-%m-%d} 00:00"}}
    workspace: {{mail: {NETWORK}}}
  engineering: {{level: 3, workspace: {{mail: {ENGINEERING}}}}}
customers:
  acme.example: {{organisation: Acme, tags: [vip], language: pl}}
classify:
  categories:
    network: {{en: Network, fa: شبکه, pl: Sieć, ru: Сеть}}
    other: {{en: Other, fa: سایر, pl: Inne, ru: Другое}}
  rules:
{rules}    - {{when: {{words: [vpn, интернет, اینترنت]}}, then: network}}
priority:
  impact:
    - {{when: {{customer_tag: vip}}, then: high}}
    - {{then: low}}
  urgency:
    - {{when: {{words: ["cannot work", "nie mogę pracować"]}}, then: high}}
    - {{when: {{category: network}}, then: medium}}
    - {{then: low}}
  matrix:
    high: [P1, P2, P3]
    medium: [P2, P3, P4]
    low: [P3, P4, P4]
sla:
  P1: {{first_answer: 15m, update: 1h, resolve: 4h, clock: always}}
  P2: {{first_answer: 1h, resolve: 8h}}
route:
  team: help
  routes:
    - {{name: network, when: {{category: network}}, team: network}}
  prefer: [speaks_customer_language, least_busy]
escalate:
  - when: {{priority: P1}}
    steps:
      - {{after: 0m, alert: on_call, loud: true}}
      - {{after: 1s, unless: claimed, alert: next_on_call, loud: true}}
      - {{after: 2s, unless: claimed, alert: boss, by: mail}}
      - {{after: 3s, unless: resolved, move: engineering}}
  - when: {{priority: P2}}
    steps:
      - {{after: {LATER}s, unless: claimed, alert: manager}}
"""
