output "distribution_id" {
  description = "Id of the distribution."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_arn" {
  description = "ARN of the distribution."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain_name" {
  description = "Name that CloudFront gave to the distribution."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "key_value_store_arn" {
  description = "ARN of the key-value store in which an event stack writes the address of its load balancer."
  value       = aws_cloudfront_key_value_store.places.arn
}

output "certificate_arn" {
  description = "Validated certificate of the host name in this region, for the load balancer of an event stack."
  value       = aws_acm_certificate_validation.region.certificate_arn
}
