#include <leat/tests/tsan/commit_requests.hpp>

#include <cassert>
#include <utility>

/// What librdkafka tells a committer; its own definition is private to it.
struct rd_kafka_op_s {
  rd_kafka_topic_partition_list_t* offsets = nullptr;
};

namespace {

leat::testing::commit_requests* current = nullptr; // set while one thread runs

} // namespace

// These take the place of librdkafka's functions of the same names: what a program defines itself is not looked for in a
// shared library.
rd_kafka_queue_t* rd_kafka_queue_get_background(rd_kafka_t* rk) { return reinterpret_cast<rd_kafka_queue_t*>(rk); }
void rd_kafka_queue_destroy(rd_kafka_queue_t*) {}
rd_kafka_event_type_t rd_kafka_event_type(const rd_kafka_event_t*) { return RD_KAFKA_EVENT_OFFSET_COMMIT; }
rd_kafka_resp_err_t rd_kafka_event_error(rd_kafka_event_t*) { return RD_KAFKA_RESP_ERR_NO_ERROR; }
rd_kafka_topic_partition_list_t* rd_kafka_event_topic_partition_list(rd_kafka_event_t* event) { return event->offsets; }

rd_kafka_resp_err_t rd_kafka_commit_queue(
  rd_kafka_t*, const rd_kafka_topic_partition_list_t* offsets, rd_kafka_queue_t*,
  void (*)(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void*), void*) {
  current->put(*offsets);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

namespace leat {

bool is_passing(rd_kafka_resp_err_t) noexcept { return true; } // nothing fails here

namespace testing {

commit_requests::commit_requests() { current = this; }
commit_requests::~commit_requests() { current = nullptr; }

void commit_requests::put(const rd_kafka_topic_partition_list_t& offsets) {
  const std::lock_guard lock{m_};
  assert(!asked_); // a committer has one request under way
  asked_.reset(rd_kafka_topic_partition_list_copy(&offsets));
}

bool commit_requests::answer(offset_committer& who) {
  kafka_ptr<rd_kafka_topic_partition_list_t> asked;
  {
    const std::lock_guard lock{m_};
    asked = std::exchange(asked_, nullptr);
    if (!asked)
      return false;
    for (int i = 0; i < asked->cnt; ++i)
      stored_[{asked->elems[i].topic, asked->elems[i].partition}] = asked->elems[i].offset;
  }
  rd_kafka_op_s event{asked.get()};
  who.on_event(&event);
  return true;
}

std::int64_t commit_requests::stored(const partition& which) const {
  const std::lock_guard lock{m_};
  return stored_.at(which);
}

} // namespace testing
} // namespace leat
