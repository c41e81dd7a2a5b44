"""What the settings file says about the learned model."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from router.policy import Learned


class ModelSettings(BaseModel):
    """The learned model, which is asked where no rule matches; without its file the rules decide alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_confidence: float = Field(
        default=0.8, ge=0, le=1, description="How sure it must be to decide: the share of such guesses that are right."
    )
    below: str = Field(
        default="", description="The category where it is less sure; absent: that of what no rule matches."
    )
    learn_from: tuple[Literal["moves", "category_changes"], ...] = Field(
        default=("moves", "category_changes"),
        description="What technicians' corrections teach, beside tickets that were solved as they were: "
        "moves for a wrong topic, changes of the category.",
    )
    file: str = Field(default="data/model.dwm", min_length=1, description="Where `deskwire learn` keeps it.")
    newest: int = Field(
        default=10_000, ge=200, le=50_000, description="How many tickets it is learned from, the newest, at most."
    )

    def compiled(self) -> Learned:
        """In the form that deciding reads."""
        return Learned(min_confidence=self.min_confidence, below=self.below)
