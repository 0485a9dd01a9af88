output "addresses" {
  description = "Where people find Jenkins and SonarQube, and where GitHub sends webhooks."
  value = {
    jenkins   = "https://${var.hostnames.jenkins}/"
    sonarqube = "https://${var.hostnames.sonarqube}/"
    webhook   = "https://${var.hostnames.webhook}/github-webhook/"
  }
}

output "machines" {
  description = "Instances of Jenkins and SonarQube, to start and stop them by hand."
  value       = [module.jenkins.instance.id, module.sonarqube.instance.id]
}

output "load_balancer" {
  description = "The load balancer's name in DNS, for names that are made elsewhere."
  value       = module.balancer.dns_name
}

output "secrets" {
  description = "Secrets to be stored by hand."
  value       = sort(keys(local.by_hand))
}

output "jenkins_settings" {
  description = "What infra/jenkins/jenkins.yaml takes from its process; no secret is among it."
  value       = local.jenkins_settings
}
