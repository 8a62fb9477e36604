#include <leat/connectors/kafka/kafka_partition_reader.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/handles.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat {

namespace {

constexpr std::size_t nudge_above = 1024 * 1024; // bytes; smaller queues are small because the fetcher is the slower side

std::string_view bytes_of(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }

raw_record record_of(const rd_kafka_message_t& m) {
  raw_record r;
  if (m.key)
    r.key = bytes_of(m.key, m.key_len);
  if (m.payload)
    r.payload = bytes_of(m.payload, m.len);
  r.offset = m.offset;
  rd_kafka_timestamp_type_t type;
  r.time = from_millis(rd_kafka_message_timestamp(&m, &type));
  return r;
}

timestamp wall_clock() { return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now()); }

} // namespace

kafka_partition_reader::kafka_partition_reader(
  std::shared_ptr<kafka_consumer> consumer, partition which, std::int64_t start, std::int64_t end, record_intake intake,
  metric& bytes_in, waker wake)
  : consumer_{std::move(consumer)}, which_{std::move(which)}, end_{end}, intake_{std::move(intake)}, bytes_in_{bytes_in},
    wake_{std::move(wake)}, position_{start} {
  records_.reserve(max_batch_records);
  if (position_ < end_)
    start_fetching();
}

/// The queue is detached from the client's before fetching starts, so that no record takes the other way.
void kafka_partition_reader::start_fetching() {
  auto* const rk = consumer_->client->get();
  queue_.reset(rd_kafka_queue_get_partition(rk, which_.topic.c_str(), which_.number));
  rd_kafka_queue_forward(queue_.get(), nullptr);
  call_when_filled(queue_.get(), wake_);
  const auto list = make_partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), which_.topic.c_str(), which_.number)->offset = position_;
  const kafka_ptr<rd_kafka_error_t> failed{rd_kafka_incremental_assign(rk, list.get())};
  if (failed)
    throw connector_error{step_text(
      consumer_->user, fmt::format("cannot read {}: {}", to_string(which_), rd_kafka_error_string(failed.get())))};
}

kafka_partition_reader::~kafka_partition_reader() {
  drop(fetched_ - next_);
  if (!queue_)
    return;
  call_nobody(queue_.get());
  const auto list = make_partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), which_.topic.c_str(), which_.number);
  const kafka_ptr<rd_kafka_error_t> ignored{rd_kafka_incremental_unassign(consumer_->client->get(), list.get())};
}

read_status kafka_partition_reader::read(batch_base& out, batch<dead_letter>& rejected) {
  if (const auto failure = consumer_->committer->failure())
    throw connector_error{step_text(consumer_->user, *failure)};
  if (position_ >= end_)
    return read_status::ended;
  if (next_ == fetched_ && beside_.code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto met = std::exchange(beside_, {});
    on_error(met.code, position_, met.text);
  }
  const bool may_have_more = next_ < fetched_ || fetch();
  const auto lined_up = collect(out.stride());
  const auto count = intake_.ready(records_, wake_);
  records_.resize(count);
  if (count > 0) {
    count_bytes();
    intake_.take(records_, wall_clock(), out, rejected);
    position_ = records_.back().offset + 1;
    drop(count);
  }
  if (next_ < fetched_ && messages_[next_]->err == RD_KAFKA_RESP_ERR_NO_ERROR && messages_[next_]->offset >= end_)
    position_ = end_;
  if (position_ >= end_)
    return read_status::ended;
  if (count < lined_up)
    return read_status::drained; // until the intake is ready for the next one
  if (next_ < fetched_ || may_have_more || beside_.code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return read_status::more;
  follow_control_records();
  return read_status::drained;
}

/// Takes what is in the queue, at most about one batch's worth.
/// @returns whether there may be more in the queue.
bool kafka_partition_reader::fetch() {
  const auto wanted = std::clamp<std::size_t>(max_batch_bytes / usual_weight_ + 1, 1, messages_.size());
  next_ = 0;
  fetched_ = consumer_->client->consume(queue_.get(), std::span{messages_}.first(wanted), beside_);
  if (fetched_ > 0)
    nudge_if_half_empty();
  return fetched_ == wanted;
}

/// Lines up the next messages for decoding, up to the bounds of a batch, an error or the end.
/// @returns how many: `records_.size()`.
std::size_t kafka_partition_reader::collect(std::size_t stride) {
  records_.clear();
  std::size_t weight = 0;
  while (next_ + records_.size() < fetched_ && weight < max_batch_bytes) {
    const auto& m = *messages_[next_ + records_.size()];
    if (m.err != RD_KAFKA_RESP_ERR_NO_ERROR && records_.empty()) {
      on_error(m.err, m.offset, rd_kafka_message_errstr(&m));
      drop(1);
      continue;
    }
    if (m.err != RD_KAFKA_RESP_ERR_NO_ERROR || m.offset >= end_)
      break; // an error waits for the next read, after the records before it
    records_.push_back(record_of(m));
    weight += m.len + stride;
  }
  if (!records_.empty())
    usual_weight_ = (usual_weight_ * 7 + weight / records_.size()) / 8 + 1;
  return records_.size();
}

/// Counts the records that are taken now.
void kafka_partition_reader::count_bytes() {
  std::size_t bytes = 0;
  for (auto i = next_; i < next_ + records_.size(); ++i)
    bytes += messages_[i]->len + messages_[i]->key_len;
  bytes_in_.add(static_cast<std::int64_t>(bytes));
}

void kafka_partition_reader::on_error(rd_kafka_resp_err_t code, std::int64_t offset, const std::string& text) {
  switch (code) {
  case RD_KAFKA_RESP_ERR__PARTITION_EOF:
    position_ = std::max(position_, offset); // past aborted and control records, which are never seen
    return;
  case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    throw_reset(text);
  case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
  case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
  case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    throw connector_error{step_text(
      consumer_->user, fmt::format(
                         "{} is gone from {} while it was read at offset {}: was the topic deleted?", to_string(which_),
                         consumer_->user.brokers, position_))};
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    throw connector_error{step_text(
      consumer_->user, fmt::format(
                         "no permission to read {} on {}: grant the user of kafka.properties READ on the topic",
                         to_string(which_), consumer_->user.brokers))};
  default:
    if (is_passing(code))
      return consumer_->client->log().problem(rd_kafka_err2name(code), text, false);
    throw connector_error{
      step_text(consumer_->user, fmt::format("cannot read {} at offset {}: {}", to_string(which_), position_, text))};
  }
}

void kafka_partition_reader::throw_reset(const std::string& text) const {
  std::int64_t low = -1, high = -1;
  rd_kafka_query_watermark_offsets(consumer_->client->get(), which_.topic.c_str(), which_.number, &low, &high, 1000);
  const auto range = high < 0 ? std::string{"nobody knows what"} : fmt::format("{} to {}", low, high);
  throw connector_error{step_text(
    consumer_->user,
    fmt::format(
      "offset {} of {} is not there any more, the partition holds {}: its records are gone (retention), or the "
      "topic was created anew ({}). Start again with kafka.start earliest, latest or a time; a job with checkpoints, which "
      "ignores that, with a state directory that is empty",
      position_, to_string(which_), range, text))};
}

void kafka_partition_reader::drop(std::size_t count) {
  for (const auto stop = next_ + count; next_ < stop; ++next_)
    rd_kafka_message_destroy(messages_[next_]);
}

/// With nothing left in the queue, moves over the marks that end transactions: librdkafka counts them, but does not
/// hand them out.
void kafka_partition_reader::follow_control_records() {
  const auto list = make_partition_list(1);
  auto* const entry = rd_kafka_topic_partition_list_add(list.get(), which_.topic.c_str(), which_.number);
  if (rd_kafka_position(consumer_->client->get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR)
    position_ = std::max(position_, entry->offset);
}

void kafka_partition_reader::nudge_if_half_empty() {
  const auto length = rd_kafka_queue_length(queue_.get());
  if (length > fullest_)
    fullest_ = length;
  if (fullest_ * usual_weight_ < nudge_above || length > fullest_ / 2)
    return;
  fullest_ = length;
  nudge();
}

/// Sends a request to the partition's leader without waiting for the answer: what wakes the leader's thread.
void kafka_partition_reader::nudge() {
  const auto list = make_partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), which_.topic.c_str(), which_.number)->offset = RD_KAFKA_OFFSET_END;
  (void)rd_kafka_offsets_for_times(consumer_->client->get(), list.get(), 0);
}

void kafka_partition_reader::commit(std::int64_t position, timestamp settled) {
  consumer_->committer->commit(which_, position, settled);
}

std::int64_t kafka_partition_reader::lag() const {
  std::int64_t low = RD_KAFKA_OFFSET_INVALID, high = RD_KAFKA_OFFSET_INVALID;
  rd_kafka_get_watermark_offsets(consumer_->client->get(), which_.topic.c_str(), which_.number, &low, &high);
  return high < 0 ? -1 : std::max<std::int64_t>(high - position_, 0);
}

bool kafka_partition_reader::caught_up() const {
  return position_ >= end_ || (lag() == 0 && consumer_->client->reach().in_reach(which_));
}

} // namespace leat
