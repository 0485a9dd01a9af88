"""All scenarios by name."""

from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import Scenario
from marketday.gameday.scenarios.clock import CLOCK
from marketday.gameday.scenarios.deployment import DEPLOYMENT
from marketday.gameday.scenarios.gateway import GATEWAY
from marketday.gameday.scenarios.mall_database import MALL_DATABASE
from marketday.gameday.scenarios.mall_disk import MALL_DISK
from marketday.gameday.scenarios.names import DNS
from marketday.gameday.scenarios.region import REGION_AFTER, REGION_BEFORE, REGION_DURING
from marketday.gameday.scenarios.unreachable import UNREACHABLE
from marketday.gameday.scenarios.zone import ZONE

SCENARIOS: dict[ScenarioName, Scenario] = {
    scenario.name: scenario
    for scenario in (
        ZONE,
        REGION_BEFORE,
        REGION_DURING,
        REGION_AFTER,
        MALL_DATABASE,
        MALL_DISK,
        GATEWAY,
        DNS,
        CLOCK,
        DEPLOYMENT,
        UNREACHABLE,
    )
}
