//! Calls of librdkafka that the Rust client does not hand on. The only file of this crate with foreign function calls.
#![allow(unsafe_code, reason = "the Rust client knows neither the ids of topics nor the leader epochs of offsets")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::{self, NonNull};
use std::slice;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::bindings as sys;
use rdkafka::client::Client;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};

use crate::record::TopicId;

/// An object of the library that is destroyed with this.
struct Owned<T> {
    pointer: NonNull<T>,
    destroy: unsafe extern "C" fn(*mut T),
}

impl<T> Owned<T> {
    /// # Safety
    ///
    /// `pointer` is null, or an object that nobody else destroys and that `destroy` destroys.
    unsafe fn new(pointer: *mut T, destroy: unsafe extern "C" fn(*mut T)) -> Option<Self> {
        NonNull::new(pointer).map(|pointer| Self { pointer, destroy })
    }

    fn as_ptr(&self) -> *mut T {
        self.pointer.as_ptr()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: whoever made this vouches that the object is its own, and it is dropped once.
        unsafe { (self.destroy)(self.pointer.as_ptr()) };
    }
}

/// Asks the cluster for the ids of topics: none of a topic that does not exist, [`TopicId::NONE`] where the brokers give no
/// ids. Fails when no answer comes within `wait`, or when the broker refuses one.
pub(super) fn topic_ids<C: ClientContext>(
    client: &Client<C>,
    topics: &[&str],
    wait: Duration,
) -> KafkaResult<Vec<Option<TopicId>>> {
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<CString> = topics
        .iter()
        .map(|topic| CString::new(*topic))
        .collect::<Result<_, _>>()
        .map_err(|_| KafkaError::AdminOp(Code::InvalidTopic))?;
    let event = describe(client, &names, wait)?;
    // SAFETY: the event is alive, and an event of another type gives null.
    let result = unsafe { sys::rd_kafka_event_DescribeTopics_result(event.as_ptr()) };
    if result.is_null() {
        return Err(KafkaError::AdminOp(Code::Fail));
    }
    let mut count = 0;
    // SAFETY: `result` is not null, and `count` outlives the call.
    let described = unsafe { sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count) };
    let described: &[*const sys::rd_kafka_TopicDescription_t] = if described.is_null() {
        &[]
    } else {
        // SAFETY: the library returns an array of `count` descriptions, which live as long as the event.
        unsafe { slice::from_raw_parts(described.cast_const(), count) }
    };
    let found: Vec<(&CStr, KafkaResult<Option<TopicId>>)> = described
        .iter()
        // SAFETY: each description lives as long as the event, which is dropped at the end of this function.
        .map(|&topic| unsafe { (CStr::from_ptr(sys::rd_kafka_TopicDescription_name(topic)), described_id(topic)) })
        .collect();
    let id = |name: &CString| {
        let answer = found.iter().find(|(found, _)| *found == name.as_c_str());
        answer.map_or(Err(KafkaError::AdminOp(Code::UnknownTopic)), |(_, id)| id.clone())
    };
    names.iter().map(id).collect()
}

/// Asks the cluster to describe topics and waits for the answer.
fn describe<C: ClientContext>(
    client: &Client<C>,
    names: &[CString],
    wait: Duration,
) -> KafkaResult<Owned<sys::rd_kafka_event_t>> {
    let made = || KafkaError::AdminOpCreation("the library made no request for the ids of topics".to_owned());
    let milliseconds = wait.as_millis().clamp(1, 60_000) as c_int;
    let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    let handle = client.native_ptr();
    // SAFETY: the handle of the client outlives these calls, and each object is given to the function that destroys it. The
    // library copies the names.
    let (options, topics, queue) = unsafe {
        let operation = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
        let options = sys::rd_kafka_AdminOptions_new(handle, operation);
        let topics = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        (
            Owned::new(options, sys::rd_kafka_AdminOptions_destroy).ok_or_else(made)?,
            Owned::new(topics, sys::rd_kafka_TopicCollection_destroy).ok_or_else(made)?,
            Owned::new(sys::rd_kafka_queue_new(handle), sys::rd_kafka_queue_destroy).ok_or_else(made)?,
        )
    };
    // SAFETY: all of these are alive. No text of an error is asked for. The library keeps its own reference to the queue, so
    // an answer that comes after the queue is dropped here is dropped with it.
    let event = unsafe {
        sys::rd_kafka_AdminOptions_set_request_timeout(options.as_ptr(), milliseconds, ptr::null_mut(), 0);
        sys::rd_kafka_DescribeTopics(handle, topics.as_ptr(), options.as_ptr(), queue.as_ptr());
        Owned::new(sys::rd_kafka_queue_poll(queue.as_ptr(), milliseconds), sys::rd_kafka_event_destroy)
    };
    let event = event.ok_or(KafkaError::AdminOp(Code::OperationTimedOut))?;
    // SAFETY: the event is alive.
    let error = unsafe { sys::rd_kafka_event_error(event.as_ptr()) };
    if error == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
        Ok(event)
    } else {
        Err(KafkaError::AdminOp(error.into()))
    }
}

/// The id in the description of a topic; none where the topic does not exist.
///
/// # Safety
///
/// `topic` is a description whose event is alive.
unsafe fn described_id(topic: *const sys::rd_kafka_TopicDescription_t) -> KafkaResult<Option<TopicId>> {
    // SAFETY: by the contract of this function. A topic without an error has a null pointer for one, which the library
    // reads as no error.
    let error = unsafe { sys::rd_kafka_error_code(sys::rd_kafka_TopicDescription_error(topic)) };
    match Code::from(error) {
        Code::NoError => {}
        Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownTopicId => return Ok(None),
        code => return Err(KafkaError::AdminOp(code)),
    }
    // SAFETY: by the contract of this function; the id lives as long as the description.
    let (high, low) = unsafe {
        let id = sys::rd_kafka_TopicDescription_topic_id(topic);
        if id.is_null() {
            return Ok(Some(TopicId::NONE));
        }
        (sys::rd_kafka_Uuid_most_significant_bits(id), sys::rd_kafka_Uuid_least_significant_bits(id))
    };
    let bits = u128::from(high.cast_unsigned()) << 64 | u128::from(low.cast_unsigned());
    Ok(Some(TopicId::from_bytes(bits.to_be_bytes())))
}
