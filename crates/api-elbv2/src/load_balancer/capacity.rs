//! DescribeCapacityReservation: none was ever made, since ModifyCapacityReservation is not there.

use neargate_api::types::elbv2::{
    DescribeCapacityReservationInput, DescribeCapacityReservationOutput,
};
use neargate_api::{AwsError, Ctx};

use crate::load_balancer;

/// How often a day a reservation could be lowered.
const DECREASES_A_DAY: i32 = 2;

pub async fn describe(
    ctx: Ctx,
    input: DescribeCapacityReservationInput,
) -> Result<DescribeCapacityReservationOutput, AwsError> {
    let balancer = load_balancer::find(&ctx.snapshot(), &input.load_balancer_arn)?;
    Ok(DescribeCapacityReservationOutput {
        last_modified_time: Some(balancer.created_at),
        decrease_requests_remaining: Some(DECREASES_A_DAY),
        minimum_load_balancer_capacity: None,
        capacity_reservation_state: Some(Vec::new()),
    })
}
