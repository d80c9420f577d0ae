//! The service as a whole.

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(super::service().unregistered(), [""; 0]);
}
