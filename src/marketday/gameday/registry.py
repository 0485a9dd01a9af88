"""All scenarios by name."""

from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import Scenario
from marketday.gameday.scenarios.gateway import GATEWAY
from marketday.gameday.scenarios.zone import ZONE

SCENARIOS: dict[ScenarioName, Scenario] = {scenario.name: scenario for scenario in (ZONE, GATEWAY)}
