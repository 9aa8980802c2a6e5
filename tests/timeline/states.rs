//! The colour of each state.

use plotters::style::RGBColor;

use super::contract::State;
use crate::picture::theme::{BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION};

pub(crate) const fn color_of(state: State) -> RGBColor {
    match state {
        State::Booting => SKY,
        State::Run => BLUE,
        State::Repairing => PURPLE,
        State::WaitingForCodedeploy => ORANGE,
        State::InService => GREEN,
        State::Ended => VERMILION,
    }
}
