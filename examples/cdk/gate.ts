// Opts a group of the CDK in to Launchgate.

import { AutoScalingGroup, CfnAutoScalingGroup } from "aws-cdk-lib/aws-autoscaling";

/** The policy of a group: README.md, "The policy". All keys are optional. */
export interface Policy {
  mode?: "enforce" | "observe";
  ready_within?: number;
  on_deadline?: "abandon" | "continue";
  repair?: boolean;
  agent?: "required" | "ignored" | "last";
  user_data?: "required" | "ignored";
  breaker?: { failures?: number; within?: number; action?: "alarm" | "suspend" };
  checks?: { packages?: string[]; units?: string[]; commands?: string[]; ports?: number[]; url?: string };
}

/**
 * Gives the group the hook of Launchgate, as a part of the group, so that it holds the first instances too.
 * `group.addLifecycleHook` makes a resource of its own, which is created after them.
 */
export function gateLaunches(group: AutoScalingGroup, policy: Policy, hookName = "launchgate"): void {
  const resource = group.node.defaultChild as CfnAutoScalingGroup;
  resource.lifecycleHookSpecificationList = [
    {
      lifecycleHookName: hookName,
      lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      heartbeatTimeout: 600,
      defaultResult: "ABANDON",
      notificationMetadata: JSON.stringify(policy),
    },
  ];
}
