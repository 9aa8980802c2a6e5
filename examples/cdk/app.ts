// A group whose launches Launchgate gates. It needs the Launchgate stack in the same account and Region.

import { App, Stack } from "aws-cdk-lib";
import { AutoScalingGroup } from "aws-cdk-lib/aws-autoscaling";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { gateLaunches } from "./gate";

const stack = new Stack(new App(), "GatedGroup");

// Public subnets and no NAT gateway: the instances reach AWS on port 443, and the VPC costs nothing.
const vpc = new ec2.Vpc(stack, "Vpc", {
  natGateways: 0,
  subnetConfiguration: [{ name: "public", subnetType: ec2.SubnetType.PUBLIC }],
  restrictDefaultSecurityGroup: false,
});

const template = new ec2.LaunchTemplate(stack, "Template", {
  machineImage: ec2.MachineImage.latestAmazonLinux2023(),
  instanceType: new ec2.InstanceType("t3.micro"),
  associatePublicIpAddress: true,
  httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
  securityGroup: new ec2.SecurityGroup(stack, "NothingComesIn", { vpc }),
  role: new Role(stack, "Instance", {
    assumedBy: new ServicePrincipal("ec2.amazonaws.com"),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName("AmazonSSMManagedInstanceCore")],
  }),
});

const group = new AutoScalingGroup(stack, "Group", { vpc, launchTemplate: template, minCapacity: 1, maxCapacity: 4 });
// Otherwise the first instance may boot before its subnet has a route.
group.node.addDependency(vpc.internetConnectivityEstablished);
gateLaunches(group, { ready_within: 600, agent: "ignored", checks: { commands: ["python3"] } });
