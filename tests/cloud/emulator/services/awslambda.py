"""Lambda."""

from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.ec2.models import ec2_backends

from emulator.patching import around

# AWS answers with these as they were given; moto drops them.
ECHOED = ("DeadLetterConfig", "LoggingConfig")


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ECHOED if fields.get(name)}


@around(LambdaFunction)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    spec = kwargs.get("spec") or next(argument for argument in args if isinstance(argument, dict))
    self._marketday_echoed = _given(spec)
    construct(self, *args, **kwargs)


@around(LambdaFunction)
def get_configuration(get: Any, self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {**get(self, *args, **kwargs), **self._marketday_echoed}


@around(LambdaFunction)
def update_configuration(update: Any, self: Any, config_updates: dict[str, Any]) -> Any:
    self._marketday_echoed.update(_given(config_updates))
    return update(self, config_updates)


# AWS tells the network of a function's subnets; moto always tells the same.
def _network(function: Any) -> dict[str, Any] | None:
    given = function._vpc_config
    subnets = (given or {}).get("SubnetIds")
    if not subnets:
        return {**given, "VpcId": ""} if given else None
    ec2 = ec2_backends[function.account_id][function.region]
    return {**given, "VpcId": ec2.describe_subnets(subnet_ids=subnets)[0].vpc_id}


LambdaFunction.vpc_config = property(_network)
