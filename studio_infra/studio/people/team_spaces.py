"""The spaces that a team shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct

from studio_infra.access.execution_role import TEAM_TAG, StudioExecutionRole
from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_team_name
from studio_infra.settings.sections.shared_spaces import owner_of
from studio_infra.studio.people.person import logical_id
from studio_infra.studio.people.space import Space
from studio_infra.studio.people.user_profile import UserProfile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces import aws_sagemaker as refs


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSpace:
    """A JupyterLab space for a whole team.

    Args:
        name: The name people see, unique in the domain, private spaces included.
        volume_gb: Size of its volume in GB, 5 to 16,384. Defaults to the domain's default.
        instance_type: What its app runs on unless a member chooses. Defaults to the domain's default.

    """

    name: str
    volume_gb: int | None = None
    instance_type: str | None = None


class TeamSpaces(Construct):
    """The JupyterLab spaces that a team shares, and the profile that owns them.

    SageMaker wants an owner for each space and never lets it change, so a space of a person's would go when the person
    does. The owner is therefore a profile of the team's own, `team-<team>`, whose role may do nothing. Apps in shared
    spaces run with the domain's execution role, never with a member's.

    Who may start them is said by `TeamAccess`, which is given the same names.

    Args:
        scope: The construct this one belongs to; next to the domain, not to people.
        construct_id: Unique among the children of `scope`. Renaming it replaces owner and spaces, with their volumes.
        domain: The domain of the spaces.
        team: Name of the team. Changing it replaces owner and spaces.
        spaces: The spaces. Their order means nothing; a space that leaves the list stays in the domain.
        owner_sso_user_name: User of IAM Identity Center that the owner is bound to, no person's; required in SSO
            domains. Changing it replaces owner and spaces.
        path: Path in front of the name of the owner's role. Defaults to `/`.
        removal_policy: What happens to owner and spaces when they leave the template. Defaults to RETAIN: the volumes
            are the team's work. DESTROY needs the app's consent too, see `effective_removal_policy`.

    Raises:
        InvalidInput: A name that SageMaker would refuse, or two spaces of one name.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: refs.IDomainRef,
        team: str,
        spaces: Sequence[SharedSpace],
        owner_sso_user_name: str | None = None,
        path: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id)
        self._check(team, [space.name for space in spaces])
        owner = owner_of(team)
        #: The profile that owns the spaces. Nobody signs in as it.
        self.owner: Final = UserProfile(
            self,
            "Owner",
            domain=domain,
            user_name=owner,
            execution_role=StudioExecutionRole(
                self,
                "OwnerRole",
                team=team,
                user_name=owner,
                path=path,
                description=f"Nothing is allowed: owner of the shared spaces of team {team}",
            ),
            sso_user_name=owner_sso_user_name,
            removal_policy=removal_policy,
        )
        #: The spaces, by name.
        self.spaces: Final = {
            space.name: Space(
                self,
                # From the name alone, as a person's: other spaces come and go.
                logical_id(space.name),
                domain=domain,
                space_name=space.name,
                owner=self.owner,
                shared=True,
                volume_gb=space.volume_gb,
                instance_type=space.instance_type,
                removal_policy=removal_policy,
            )
            for space in spaces
        }
        for made in (self.owner, *self.spaces.values()):
            cdk.Tags.of(made).add(TEAM_TAG, team)

    def _check(self, team: str, names: Sequence[str]) -> None:
        if not is_team_name(team):
            rule = "lower-case letters, digits or single inner hyphens"
            raise InvalidInput("TeamName", f"team must be 1-32 {rule}, got {team!r}", scope=self)
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise InvalidInput(
                "SharedSpaceTwice",
                f"space {repeated[0]!r} is there twice, give each a name of its own",
                scope=self,
            )
