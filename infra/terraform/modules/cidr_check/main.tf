locals {
  address = split("/", var.cidr)[0]
  length  = tonumber(split("/", var.cidr)[1])

  # Two ranges overlap exactly if the wider one contains the first address of the narrower one: cut to the
  # shorter of the two lengths, both begin with the same address.
  overlapping = [
    for other in var.others : other
    if cidrhost("${local.address}/${min(local.length, tonumber(split("/", other)[1]))}", 0)
    == cidrhost("${split("/", other)[0]}/${min(local.length, tonumber(split("/", other)[1]))}", 0)
  ]
}
