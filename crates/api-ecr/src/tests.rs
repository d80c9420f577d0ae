#[test]
fn every_operation_of_the_list_has_its_function() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = neargate_blobs::Blobs::open(dir.path()).unwrap();
    assert_eq!(super::service(blobs).unregistered(), [""; 0]);
}
