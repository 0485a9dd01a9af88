# What the edge caches, what goes to the origin, and the headers of every answer.

data "aws_cloudfront_cache_policy" "never" {
  name = "Managed-CachingDisabled"
}

# The bucket would refuse the viewer's host name, so it is not passed on; the function gives it to the store.
data "aws_cloudfront_origin_request_policy" "all_but_host" {
  name = "Managed-AllViewerExceptHostHeader"
}

# What is the same for everybody: no cookie, query or identity reaches the origin, and after a miss one request serves everybody.
# The gate's headers set how long its document is cached, the files' headers that they may be kept; nothing else is cached.
resource "aws_cloudfront_cache_policy" "public" {
  name        = "${var.name}-public"
  comment     = "Cached as long as the origin's headers allow, the same for everyone"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 86400

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = true
    enable_accept_encoding_brotli = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# Not part of the cache key, so one request still serves everybody; the origin's firewall needs them to recognise the sender.
resource "aws_cloudfront_origin_request_policy" "known" {
  name    = "${var.name}-known"
  comment = "The headers that the function sets: the person's address, and the proof"

  cookies_config {
    cookie_behavior = "none"
  }

  headers_config {
    header_behavior = "whitelist"

    headers {
      items = ["x-marketday-viewer", "x-marketday-proof"]
    }
  }

  query_strings_config {
    query_string_behavior = "none"
  }
}

resource "aws_cloudfront_response_headers_policy" "safe" {
  #checkov:skip=CKV_AWS_259: everything except preload: it binds the whole domain for years, so the domain's owner decides
  name    = "${var.name}-safe"
  comment = "Headers of every answer of the event host name; a page's own content policy is not replaced"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      preload                    = false
      override                   = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = false
    }
  }
}
