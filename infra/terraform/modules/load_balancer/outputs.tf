output "arn" {
  description = "The load balancer's ARN, after its listener exists."
  value       = aws_lb.this.arn
  depends_on  = [aws_lb_listener.https]
}

output "arn_suffix" {
  description = "The load balancer's name in metrics."
  value       = aws_lb.this.arn_suffix
}

output "dns_name" {
  description = "The load balancer's DNS name."
  value       = aws_lb.this.dns_name
}

# A service can be made only after its target group has a load balancer; the rules connect them.
output "target_groups" {
  description = "For each service: the names of its target group in ECS, in metrics and in scaling."
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
  description = "The web ACL's name in metrics."
  value       = aws_wafv2_web_acl.this.name
}

output "log_group" {
  description = "Name of the log group of refused requests, after its policy exists."
  value       = aws_cloudwatch_log_group.firewall.name
}
