"""One thing broken in the objects of the overlay prod, for each rule of each policy."""

from .manifests import GONE

POD = "spec|template|spec"
WHO = f"{POD}|securityContext"
ONE = f"{POD}|containers|0"
MAY = f"{ONE}|securityContext"
MALL, CONSOLE, CONTROLLER = "Rollout/mall", "Deployment/console", "Deployment/controller"
EXPAND, CONTRACT = "Job/migrate-expand", "Job/migrate-contract"
SCALER, BUDGET = "HorizontalPodAutoscaler/mall", "PodDisruptionBudget/mall"
NODES, CLASS = "NodePool/services", "EC2NodeClass/services"
SPREAD = f"{POD}|topologySpreadConstraints"
ENFORCED = "metadata|labels|pod-security.kubernetes.io/enforce"
TOLD = "metadata|annotations|alb.ingress.kubernetes.io"
DRAIN = f"{TOLD}/target-group-attributes"
OPTIONS, ITS_POOL = "spec|metadataOptions", f"{POD}|nodeSelector|marketday/pool"
STEPS, ARGO, ANALYSIS = (
    "spec|strategy|canary|steps",
    "metadata|annotations|argocd.argoproj.io",
    "AnalysisTemplate/mall-errors",
)
SIGNING = {"name": "x", "secret": {"secretName": "signing-key"}}
PATHS = "spec|rules|0|http|paths"
REGISTRY = "111122223333.dkr.ecr.ap-northeast-2.amazonaws.com/marketday"
DIGEST = f"sha256:{'0' * 64}"
LABELS = {"matchLabels": {"a": "b"}}
FROM_A_POD = [{"from": [{"podSelector": LABELS, "namespaceSelector": LABELS}], "ports": [{"port": 1}]}]
ELSEWHERE = {"service": {"name": "console", "port": {"name": "http"}}}
SHOWN = {"path": "/metrics", "pathType": "Exact", "backend": ELSEWHERE}
KEY = [{"name": "MARKETDAY_GATEWAY_KEY", "value": "hush"}]
OPEN = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "mall"}}, "policyTypes": ["Ingress"]}


def new(kind, api, spec, name="more", **members):
    """An object that is not in the overlay."""
    wave = {"argocd.argoproj.io/sync-wave": "2"}
    meta = {"name": name, "namespace": "marketday", "labels": {"marketday/stage": "serve"}, "annotations": wave}
    if spec:
        members["spec"] = spec
    return (None, "", {"apiVersion": api, "kind": kind, "metadata": meta, **members})


def way_in(peer, **port):
    """One more NetworkPolicy, which lets somebody connect to the mall."""
    rule = {"from": [peer], "ports": [{"port": 8080, **port}]}
    return new("NetworkPolicy", "networking.k8s.io/v1", {**OPEN, "ingress": [rule]})


BALANCERS = {"ipBlock": {"cidr": "10.0.24.0/24"}}
BARE = {"containers": [{"name": "x", "image": "elsewhere/x"}], "restartPolicy": "Never"}
CRON = {"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": {"spec": BARE}}}}
SECOND = {
    "metadata": {
        "name": "second",
        "labels": {"marketday/stage": "ground", "pod-security.kubernetes.io/enforce": "restricted"},
        "annotations": {
            "argocd.argoproj.io/sync-wave": "0",
            "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
        },
    }
}
RIGHTS = "rbac.authorization.k8s.io"
TO_ALL = {"apiGroup": RIGHTS, "kind": "ClusterRole", "name": "cluster-admin"}
DOOR = {"selector": {"app.kubernetes.io/name": "controller"}, "ports": [{"port": 80, "targetPort": "http"}]}

# Policy, what its reason names, and what is changed: (object, path, value).
BREAKS = [
    ("images", "marketday/mall:latest", [(MALL, f"{ONE}|image", "marketday/mall:latest")]),
    ("images", ":1@sha256", [(EXPAND, f"{ONE}|image", f"{REGISTRY}/migrate:1@{DIGEST}")]),
    ("images", "/console@", [(MALL, f"{ONE}|image", f"{REGISTRY}/console@{DIGEST}")]),
    ("images", "999999999999", [(MALL, f"{ONE}|image", f"{REGISTRY}/mall@{DIGEST}".replace("111122223333", "9" * 12))]),
    ("confinement", '"runAsUser": 0', [(MALL, f"{WHO}|runAsUser", 0)]),
    ("confinement", "its securityContext is", [(CONSOLE, f"{WHO}|runAsNonRoot", GONE)]),
    ("confinement", "supplementalGroups", [(MALL, f"{WHO}|supplementalGroups", [0])]),
    ("confinement", '"fsGroup": 0', [(MALL, f"{WHO}|fsGroup", 0)]),
    ("confinement", "sysctls", [(CONTROLLER, f"{WHO}|sysctls", [{"name": "a", "value": "1"}])]),
    ("confinement", "Deployment/controller", [(CONTROLLER, f"{WHO}|seccompProfile", GONE)]),
    ("confinement", "runAsUser", [(MALL, f"{MAY}|runAsUser", 10001)]),
    ("confinement", "of its container 'mall'", [(MALL, f"{MAY}|readOnlyRootFilesystem", GONE)]),
    ("confinement", "allowPrivilegeEscalation", [(CONTRACT, f"{MAY}|allowPrivilegeEscalation", True)]),
    ("confinement", '"add"', [(MALL, f"{MAY}|capabilities", {"drop": ["ALL"], "add": ["ALL"]})]),
    ("confinement", "Unconfined", [(MALL, f"{MAY}|seccompProfile", {"type": "Unconfined"})]),
    ("confinement", "privileged", [(MALL, f"{MAY}|privileged", True)]),
    ("pods", "'hostNetwork'", [(MALL, f"{POD}|hostNetwork", True)]),
    ("pods", "'shareProcessNamespace'", [(MALL, f"{POD}|shareProcessNamespace", True)]),
    ("pods", "'initContainers'", [(MALL, f"{POD}|initContainers", BARE["containers"])]),
    ("pods", "'ephemeralContainers'", [(MALL, f"{POD}|ephemeralContainers", BARE["containers"])]),
    ("pods", "'priorityClassName'", [(MALL, f"{POD}|priorityClassName", "system-node-critical")]),
    ("pods", "'nodeName'", [(MALL, f"{POD}|nodeName", "of-the-controller")]),
    ("pods", "'command'", [(MALL, f"{ONE}|command", ["sh"])]),
    ("pods", "'env'", [(MALL, f"{ONE}|env", KEY)]),
    ("pods", "'hostPath'", [(CONTROLLER, f"{POD}|volumes|2", {"name": "x", "hostPath": {"path": "/"}})]),
    ("pods", "'projected'", [(CONTROLLER, f"{POD}|volumes|2", {"name": "x", "projected": {"sources": []}})]),
    ("pods", "'hostPort'", [(MALL, f"{ONE}|ports|0|hostPort", 80)]),
    ("nodes", "httpTokens", [(CLASS, f"{OPTIONS}|httpTokens", "optional")]),
    ("nodes", "httpPutResponseHopLimit", [("EC2NodeClass/controller", f"{OPTIONS}|httpPutResponseHopLimit", 2)]),
    ("nodes", "associatePublicIPAddress", [(CLASS, "spec|associatePublicIPAddress", GONE)]),
    ("nodes", "each encrypted", [(CLASS, "spec|blockDeviceMappings|0|ebs|encrypted", False)]),
    ("nodes", "expected blockDeviceMappings", [(CLASS, "spec|blockDeviceMappings", GONE)]),
    ("nodes", "no limit of CPUs", [(NODES, "spec|limits", {"memory": "1Gi"})]),
    ("nodes", "expire after 720h", [(NODES, f"{POD}|expireAfter", GONE)]),
    ("nodes", "while people shop", [(NODES, "spec|disruption|budgets", [{"nodes": "1"}])]),
    ("nodes", "expected the taint", [("NodePool/controller", f"{POD}|taints", GONE)]),
    ("balancers", "expected internal", [("Ingress/console", f"{TOLD}/scheme", "internet-facing")]),
    ("balancers", "'nothing'; expected internet-facing", [("Ingress/mall", f"{TOLD}/scheme", GONE)]),
    ("balancers", "ssl-policy", [("Ingress/mall", f"{TOLD}/ssl-policy", "ELBSecurityPolicy-2016-08")]),
    ("balancers", "io/group.name", [("Ingress/mall", f"{TOLD}/group.name", "shared")]),
    ("balancers", "inbound-cidrs", [("Ingress/console", f"{TOLD}/inbound-cidrs", "0.0.0.0/0")]),
    ("balancers", "security-groups' is 'nothing'", [("Ingress/mall", f"{TOLD}/security-groups", GONE)]),
    ("balancers", "listen-ports", [("Ingress/mall", f"{TOLD}/listen-ports", '[{"HTTP": 80}]')]),
    ("balancers", "redirect to 443", [("Ingress/mall", f"{TOLD}/ssl-redirect", GONE)]),
    ("balancers", "its paths lead to", [("Ingress/mall", f"{PATHS}|0", GONE)]),
    ("balancers", '"console"', [("Ingress/mall", f"{PATHS}|0", SHOWN)]),
    ("balancers", "no other backend", [("Ingress/console", "spec|defaultBackend", ELSEWHERE)]),
    ("balancers", "class alb", [("Ingress/mall", "spec|ingressClassName", "nginx")]),
    ("balancers", "'type'", [("Service/console", "spec|type", "LoadBalancer")]),
    ("balancers", "'externalIPs'", [("Service/mall", "spec|externalIPs", ["203.0.113.1"])]),
    ("balancers", "target-group-attributes'", [("Service/mall", DRAIN, "x")]),
    ("balancers", "name of their port", [("Service/mall", "spec|ports|0|targetPort", "https")]),
    ("balancers", "pods of the workload", [("Service/console", "spec|selector|app.kubernetes.io/name", "x")]),
    ("resources", "no requests.cpu", [(MALL, f"{ONE}|resources|requests|cpu", GONE)]),
    ("resources", "may use 1Gi", [(MALL, f"{ONE}|resources|limits|memory", "1Gi")]),
    ("resources", "may use '2' CPUs", [(MALL, f"{ONE}|resources|limits|cpu", 2)]),
    ("probes", "no 'livenessProbe'", [(MALL, f"{ONE}|livenessProbe", GONE)]),
    ("probes", "asks /readyz", [(MALL, f"{ONE}|readinessProbe|httpGet|path", "/readyz")]),
    ("tokens", "Rollout/mall: its pods get", [(MALL, f"{POD}|automountServiceAccountToken", GONE)]),
    ("tokens", "ServiceAccount/mall", [("ServiceAccount/mall", "automountServiceAccountToken", True)]),
    ("tokens", "is default", [(MALL, f"{POD}|serviceAccountName", GONE)]),
    ("tokens", "is controller; expected its own, mall", [(MALL, f"{POD}|serviceAccountName", "controller")]),
    ("tokens", "/role-arn", [("ServiceAccount/mall", "metadata|annotations|eks.amazonaws.com/role-arn", "x")]),
    ("network", "selects every pod", [("NetworkPolicy/nothing-by-default", "", GONE)]),
    ("network", "of its own", [("NetworkPolicy/migrate", "", GONE)]),
    ("network", "names no ports", [("NetworkPolicy/mall", "spec|egress|0|ports", GONE)]),
    ("network", "names no to", [("NetworkPolicy/mall", "spec|egress|1|to", [])]),
    ("network", "everybody", [("NetworkPolicy/mall", "spec|ingress|0|from|0|ipBlock|cidr", "0.0.0.0/0")]),
    ("network", "allows 169.254.0.0/16", [("NetworkPolicy/mall", "spec|egress|1|to|0|ipBlock|except|2", GONE)]),
    ("network", 'allows {"podSelector"', [way_in({"podSelector": {}})]),
    ("network", 'allows {"namespaceSelector"', [way_in({"namespaceSelector": {}, "podSelector": {}})]),
    ("network", "0.0.0.0/1", [way_in({"ipBlock": {"cidr": "0.0.0.0/1"}})]),
    ("network", "::/0", [way_in({"ipBlock": {"cidr": "::/0"}})]),
    ("network", "has the port", [way_in(BALANCERS, endPort=65535)]),
    ("network", "expected one number", [way_in(BALANCERS, port="http")]),
    ("network", "SecurityGroupPolicies are 0", [("SecurityGroupPolicy/mall", "", GONE)]),
    ("network", "SecurityGroupPolicies are 2", [("SecurityGroupPolicy/mall", "spec|podSelector", {})]),
    ("controller", "lets somebody", [("NetworkPolicy/names", "spec|ingress", FROM_A_POD)]),
    ("controller", "leads to the controller", [new("Service", "v1", DOOR, name="controller")]),
    ("controller", "called controller", [(CONTROLLER, "", GONE)]),
    ("drain", "AWS's own is 300", [("Ingress/mall", DRAIN, "load_balancing.algorithm.type=round_robin")]),
    ("drain", "works for 45s", [("Ingress/mall", DRAIN, "deregistration_delay.timeout_seconds=60")]),
    ("drain", "works for 0s", [(CONSOLE, f"{ONE}|lifecycle", GONE)]),
    ("drain", "killed after 45s", [(MALL, f"{POD}|terminationGracePeriodSeconds", 45)]),
    ("disruption", "are 0;", [("PodDisruptionBudget/console", "", GONE)]),
    ("disruption", "expected one to stay", [(CONSOLE, "spec|replicas", 1)]),
    ("disruption", "expected one to stay", [(BUDGET, "spec|maxUnavailable", 2)]),
    ("disruption", "expected one to stay", [(SCALER, "spec|minReplicas", GONE)]),
    ("disruption", "is 20%", [(BUDGET, "spec|maxUnavailable", "20%")]),
    ("disruption", "no node can be emptied", [(BUDGET, "spec|maxUnavailable", 0)]),
    ("disruption", "take '25%' of '2'", [(MALL, "spec|strategy|canary|maxUnavailable", GONE)]),
    ("disruption", "take '2' of '2'", [(CONTROLLER, "spec|strategy|rollingUpdate|maxUnavailable", 2)]),
    ("disruption", "a new version may", [(CONSOLE, "spec|strategy|type", "Recreate")]),
    ("scaling", "no Rollout/shop", [(SCALER, "spec|scaleTargetRef|name", "shop"), (MALL, "spec|replicas", 2)]),
    ("scaling", "sets replicas too", [(MALL, "spec|replicas", 2)]),
    ("scaling", "no StatefulSet/mall", [(SCALER, "spec|scaleTargetRef|kind", "StatefulSet")]),
    ("scaling", "room between them", [(SCALER, "spec|maxReplicas", 2)]),
    ("secrets", "Secret/more", [new("Secret", "v1", None, stringData={"password": "hush"})]),
    ("secrets", "holds a credential", [("ConfigMap/mall", "data|URL", "x://mall:hush@db")]),
    ("secrets", "no 'ExternalSecret' cache", [("ExternalSecret/cache", "", GONE)]),
    ("secrets", "no 'ExternalSecret' signing-key", [("ExternalSecret/signing-key", "", GONE)]),
    ("secrets", "'URL' holds a credential", [("ConfigMap/controller", "data|URL", "https://hooks.slack.com/services/T/B/x")]),
    ("secrets", "name of a credential", [("ConfigMap/mall", "data|AWS_SECRET_ACCESS_KEY", "hush")]),
    ("secrets", "binaryData", [("ConfigMap/mall", "binaryData", {"key": "aHVzaA=="})]),
    ("secrets", "an argument", [(MALL, f"{ONE}|args|1", "--database=postgresql://mall:hush@database")]),
    ("secrets", "reads the secret signing-key", [(CONSOLE, f"{POD}|volumes|1", SIGNING)]),
    ("secrets", "reads the secret cache", [(EXPAND, f"{ONE}|envFrom|1", {"secretRef": {"name": "cache"}})]),
    ("zones", "Rollout/mall", [(MALL, f"{SPREAD}|0|whenUnsatisfiable", "ScheduleAnyway")]),
    ("zones", "Deployment/console", [(CONSOLE, SPREAD, GONE)]),
    ("zones", "minDomains 2", [(MALL, f"{SPREAD}|0|minDomains", GONE)]),
    ("places", "in no namespace", [("Service/mall", "metadata|namespace", "default")]),
    ("places", "restricted", [("Namespace/marketday", ENFORCED, "baseline")]),
    ("places", "stage is nothing", [("Service/mall", "metadata|labels|marketday/stage", GONE)]),
    ("places", "the pool any", [(MALL, f"{POD}|nodeSelector", GONE)]),
    ("places", "the pool controller; expected services", [(MALL, ITS_POOL, "controller")]),
    ("places", "the pool services; expected controller", [(CONTROLLER, ITS_POOL, "services")]),
    ("places", "it tolerates", [(MALL, f"{POD}|tolerations", [{"operator": "Exists"}])]),
    ("places", "Pod/more: no policy knows", [new("Pod", "v1", BARE)]),
    ("places", "CronJob/more: no policy knows", [new("CronJob", "batch/v1", CRON)]),
    ("places", "RoleBinding/more: no policy knows", [new("RoleBinding", f"{RIGHTS}/v1", None, roleRef=TO_ALL)]),
    ("places", "there are '2' of this name", [new("ConfigMap", "v1", None)] * 2),
    ("places", "expected one: a NetworkPolicy", [(None, "", {"apiVersion": "v1", "kind": "Namespace", **SECOND})]),
    ("places", "expected the label pod", [("Namespace/marketday", ENFORCED, GONE)]),
    ("places", "admits unsigned", [("Namespace/marketday", "metadata|labels|policy.sigstore.dev/include", GONE)]),
    ("places", "to select pods", [(MALL, "spec|selector|matchLabels", {"app.kubernetes.io/part-of": "marketday"})]),
    ("rollouts", "first step is", [(MALL, f"{STEPS}|0|setWeight", 50)]),
    ("rollouts", "analysed after setWeight '50'", [(MALL, f"{STEPS}|3", GONE)]),
    ("rollouts", "no AnalysisTemplate none", [(MALL, f"{STEPS}|1|analysis|templates|0|templateName", "none")]),
    ("rollouts", "progressDeadlineAbort", [(MALL, "spec|progressDeadlineAbort", False)]),
    ("rollouts", "rollouts-pod-template-hash", [(MALL, f"{SPREAD}|0|matchLabelKeys", ["pod-template-hash"])]),
    ("rollouts", "'inconclusiveLimit'", [(ANALYSIS, "spec|metrics|0|inconclusiveLimit", GONE)]),
    ("rollouts", "has no failureCondition", [(ANALYSIS, "spec|metrics|0|failureCondition", GONE)]),
    ("waves", "sync-wave is 0; expected 2", [(MALL, f"{ARGO}/sync-wave", "0")]),
    ("waves", "compare-options", [(MALL, f"{ARGO}/compare-options", "IgnoreExtraneous")]),
    ("waves", "cannot be changed", [(EXPAND, f"{ARGO}/hook-delete-policy", "HookSucceeded")]),
    ("waves", "it is a hook", [(CONSOLE, f"{ARGO}/hook", "PostSync")]),
    ("waves", "sync-options are nothing", [("Namespace/marketday", f"{ARGO}/sync-options", GONE)]),
    ("waves", "sync-options are Replace=true", [(CONSOLE, f"{ARGO}/sync-options", "Replace=true")]),
    ("waves", "expected the half", [(EXPAND, f"{ONE}|args|2", "contract")]),
    ("waves", "one Job of the stage expand", [(EXPAND, "", GONE)]),
    ("schema", "sizeLimits", [(MALL, f"{POD}|volumes|1|configMap|sizeLimits", "1")]),
    ("schema", "metrics", [(SCALER, "spec|metrics", "cpu")]),
    ("schema", "consolidationPolicy", [("NodePool/services", "spec|disruption|consolidationPolicy", "Always")]),
    ("schema", "reserved", [("NodePool/services", f"{POD}|requirements|2|values", ["reserved"])]),
    ("schema", "'Equals'", [("NodePool/services", f"{POD}|requirements|3|operator", "Equals")]),
    ("schema", "instance-cpus", [("NodePool/services", f"{POD}|requirements|5|key", "instance-cpus")]),
    ("schema", "'values'", [("NodePool/services", f"{POD}|requirements|3|values", GONE)]),
    ("schema", "too long", [("NodePool/services", f"{POD}|requirements|4|values", ["5", "6"])]),
    ("schema", "'duration'", [("NodePool/services", "spec|disruption|budgets|1|duration", GONE)]),
    ("schema", "amiSelector", [("EC2NodeClass/services", "spec|amiSelector", {})]),
    ("schema", "remoteReference", [("ExternalSecret/cache", "spec|data|0|remoteReference", {"key": "x"})]),
    ("schema", "Vault", [("SecretStore/secrets-manager", "spec|provider|aws|service", "Vault")]),
    ("schema", "groupIds", [("SecurityGroupPolicy/mall", "spec|securityGroups|groupIds", [])]),
    ("schema", "extensions/v1beta1", [("Ingress/mall", "apiVersion", "extensions/v1beta1")]),
]  # fmt: skip
