# Each request to the edge is logged into the bucket of logs. CloudFront's deliveries are set in us-east-1, wherever the bucket is.

resource "aws_cloudwatch_log_delivery_source" "requests" {
  provider = aws.us_east_1

  name         = "${var.name}-requests"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
}

# Of each region one: after a recovery in another region the old one, which CloudWatch does not change, is left alone.
resource "aws_cloudwatch_log_delivery_destination" "bucket" {
  provider = aws.us_east_1

  name          = "${var.name}-requests-${data.aws_region.this.name}"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = "${var.logs_bucket.arn}/edge"
  }
}

resource "aws_cloudwatch_log_delivery" "requests" {
  provider = aws.us_east_1

  delivery_source_name     = aws_cloudwatch_log_delivery_source.requests.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.bucket.arn
}
