"""API: the drops that the mall announces, for everyone. A delivery asks it whether a drop is open (ci/freeze.py)."""

from datetime import datetime
from typing import Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from marketday.web.mall.drops import ListedDrop
from marketday.web.mall.services import MallServices

router = APIRouter(tags=["drops"])


class DropOut(BaseModel):
    """A drop and its moments, in UTC."""

    slug: str
    status: Literal["coming", "room", "open", "over"] = Field(description="`room`: only the waiting room is open.")
    room_opens_at: datetime
    opens_at: datetime
    closes_at: datetime
    orders_to_come: bool = Field(description="Its environment may have orders that the mall does not have yet.")

    @classmethod
    def of(cls, drop: ListedDrop) -> Self:
        """Return the drop as the API shows it."""
        moments = drop.schedule.to_json()
        return cls.model_validate(
            {
                "slug": drop.slug,
                "status": drop.status,
                "orders_to_come": drop.orders_to_come,
                **{name: moments[name] for name in ("room_opens_at", "opens_at", "closes_at")},
            }
        )


class Drops(BaseModel):
    """All drops: first the open ones, then the coming ones, then the past ones."""

    drops: list[DropOut]


@router.get("/v1/drops")
async def drops(mall: MallServices) -> Drops:
    """Return all drops of the mall."""
    return Drops(drops=[DropOut.of(drop) for drop in await mall.drops.drops()])
