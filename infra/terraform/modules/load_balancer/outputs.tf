output "arn" {
  description = "The load balancer's ARN, known once its listener answers."
  value       = aws_lb.this.arn
  depends_on  = [aws_lb_listener.https]
}

output "arn_suffix" {
  description = "The load balancer as metrics name it."
  value       = aws_lb.this.arn_suffix
}

output "dns_name" {
  description = "The load balancer's name in the DNS."
  value       = aws_lb.this.dns_name
}

# A service can be made only when its group has a load balancer, which the rules give it.
output "target_groups" {
  description = "Of each service: its target group, as ECS, as metrics and as the scaling name it."
  value = {
    for service, group in aws_lb_target_group.this : service => {
      arn            = group.arn
      arn_suffix     = group.arn_suffix
      resource_label = "${aws_lb.this.arn_suffix}/${group.arn_suffix}"
    }
  }
  depends_on = [aws_lb_listener_rule.route]
}

output "web_acl_name" {
  description = "The web ACL, as metrics name it."
  value       = aws_wafv2_web_acl.this.name
}
