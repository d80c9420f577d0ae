//! PostgreSQL on RDS.

use crate::estimate::Estimating;
use crate::prices::HOURS;
use crate::resource::Resource;

/// A standby in another zone doubles the instance and its storage.
pub fn instance(of: &mut Estimating<'_>, instance: &Resource) {
    let class = instance.text("instance_class").unwrap_or_default();
    let Some(hourly) = of.prices.rds.get(class) else {
        of.estimate.unknown.push(format!("{} (the class {class})", instance.address));
        return;
    };
    let gb = instance.number("allocated_storage").unwrap_or(0.0);
    if gb == 0.0 && instance.is_unknown("allocated_storage") {
        of.assume("no storage of a database of which a plan does not know how much it has");
    }
    let kind = instance.text("storage_type").unwrap_or("gp2");
    let storage = of.prices.rds_storage_gb_month.get(kind).copied().unwrap_or(0.0);
    let (copies, zones) =
        if instance.flag("multi_az") { (2.0, ", in two zones") } else { (1.0, "") };
    let mut monthly = copies * (hourly * HOURS + gb * storage);
    let mut what = format!("{class} with {gb} GB of {kind}{zones}");
    if instance.flag("manage_master_user_password") {
        monthly += of.prices.secret;
        what.push_str(", and its secret");
    }
    of.line(instance, what, monthly);
    of.assume("backups no larger than the database's storage, which is free");
    if instance.flag("performance_insights_enabled") {
        of.assume("Performance Insights kept for seven days, which is free");
    }
}
