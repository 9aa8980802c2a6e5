//! The sizes of a group, and the errors of AWS for sizes that contradict each other.

use super::refused::Refused;

pub(crate) fn check(min: u32, max: u32, desired: u32) -> Result<(), Refused> {
    if max < min {
        return Err(Refused::validation(format!(
            "Max bound, {max}, must be greater than or equal to min bound, {min}"
        )));
    }
    if desired > max {
        return Err(Refused::validation(format!(
            "New SetDesiredCapacity value {desired} is above max value {max} for the AutoScalingGroup."
        )));
    }
    if desired < min {
        return Err(Refused::validation(format!(
            "New SetDesiredCapacity value {desired} is below min value {min} for the AutoScalingGroup."
        )));
    }
    Ok(())
}
