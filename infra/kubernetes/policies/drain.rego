# A pod behind a load balancer works for longer than the balancer sends it requests, and ends before it is killed.
package drain

import rego.v1

# The longest time that an answer may take: the payment gateway's own (payments/ports.py).
answer_seconds := 30

routed := {backend.service.name |
	some ingress in data.lib.of_kind("Ingress")
	some rule in ingress.spec.rules
	some path in rule.http.paths
	backend := path.backend
}

served := [workload |
	some workload in data.lib.services
	some service in data.lib.of_kind("Service")
	service.metadata.name in routed
	data.lib.selects(service.spec.selector, workload.labels)
]

deregistration[ingress.metadata.name] := to_number(delay[0][1]) if {
	some ingress in data.lib.of_kind("Ingress")
	attributes := object.get(ingress.metadata.annotations, "alb.ingress.kubernetes.io/target-group-attributes", "")
	delay := regex.find_all_string_submatch_n(`deregistration_delay\.timeout_seconds=([0-9]+)`, attributes, 1)
	count(delay) == 1
}

longest := max([seconds | some seconds in deregistration])

deny contains reason if {
	some ingress in data.lib.of_kind("Ingress")
	not deregistration[ingress.metadata.name]
	reason := sprintf("%s: expected deregistration_delay.timeout_seconds among its target group's attributes; AWS's own is 300", [data.lib.name(ingress)])
}

deny contains reason if {
	some workload in served
	some container in workload.pod.containers
	pause := object.get(container, ["lifecycle", "preStop", "sleep", "seconds"], 0)
	pause <= longest
	reason := sprintf("%s: the container '%s' works for %vs after its end begins; expected more than the %vs in which the load balancer still sends requests", [data.lib.name(workload.object), container.name, pause, longest])
}

deny contains reason if {
	some workload in served
	some container in workload.pod.containers
	pause := object.get(container, ["lifecycle", "preStop", "sleep", "seconds"], 0)
	grace := object.get(workload.pod, "terminationGracePeriodSeconds", 30)
	grace < pause + answer_seconds
	reason := sprintf("%s: it is killed after %vs; expected at least %d: the pause, and the longest answer", [data.lib.name(workload.object), grace, pause + answer_seconds])
}
