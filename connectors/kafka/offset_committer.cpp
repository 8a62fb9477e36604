#include <leat/connectors/kafka/offset_committer.hpp>

#include <leat/connectors/kafka/handles.hpp>
#include <leat/connectors/kafka/wire/commit_metadata.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace leat {

namespace {

/// librdkafka frees the metadata of a list with `free`.
void set_metadata(rd_kafka_topic_partition_t& entry, const std::string& text) {
  entry.metadata = std::malloc(text.size());
  if (!entry.metadata)
    throw std::bad_alloc{};
  std::memcpy(entry.metadata, text.data(), text.size());
  entry.metadata_size = text.size();
}

constexpr auto retry_pause = std::chrono::milliseconds{100};

} // namespace

std::string format_commit_metadata(timestamp settled) {
  return fmt::format("{}{}", commit_metadata::prefix, to_millis(settled));
}

std::optional<timestamp> parse_commit_metadata(std::string_view text) noexcept {
  if (!text.starts_with(commit_metadata::prefix))
    return std::nullopt;
  text.remove_prefix(commit_metadata::prefix.size());
  std::int64_t millis = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), millis);
  if (failure != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return from_millis(millis);
}

std::string explain_commit_error(rd_kafka_resp_err_t code) {
  switch (code) {
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    return "no permission for the group: grant the user of kafka.properties READ on it, or choose another kafka.group";
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    return "no permission for the topic: grant the user of kafka.properties READ on it";
  case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
  case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
  case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    return "other consumers have joined this group by subscribing: choose a kafka.group that is the job's own";
  default:
    return rd_kafka_err2str(code);
  }
}

void offset_committer::attach(rd_kafka_t* rk) {
  const std::lock_guard lock{m_};
  rk_ = rk;
  results_.reset(rd_kafka_queue_get_background(rk));
}

void offset_committer::commit(const partition& which, std::int64_t position, timestamp settled) {
  const std::lock_guard lock{m_};
  if (!rk_)
    return;
  waiting_[which] = {position, settled};
  send();
}

void offset_committer::send() {
  if (!under_way_.empty() || waiting_.empty() || failure_)
    return;
  under_way_ = std::exchange(waiting_, {});
  const auto list = make_partition_list(under_way_.size());
  for (const auto& [which, what] : under_way_) {
    auto* const entry = rd_kafka_topic_partition_list_add(list.get(), which.topic.c_str(), which.number);
    entry->offset = what.position;
    set_metadata(*entry, format_commit_metadata(what.settled));
  }
  if (rd_kafka_commit_queue(rk_, list.get(), results_.get(), nullptr, nullptr) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    waiting_ = std::exchange(under_way_, {}); // tried again with the next commit
    changed_.notify_all();
  }
}

void offset_committer::take_back(const partition& which) {
  if (const auto found = under_way_.find(which); found != under_way_.end())
    waiting_.emplace(found->first, found->second); // keeps a newer one
}

void offset_committer::on_event(rd_kafka_event_t* event) noexcept {
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_OFFSET_COMMIT)
    return;
  const auto whole = rd_kafka_event_error(event);
  const auto* const list = rd_kafka_event_topic_partition_list(event);
  const std::lock_guard lock{m_};
  bool again = false;
  for (int i = 0; list && i < list->cnt; ++i) {
    const auto& entry = list->elems[i];
    const auto code = entry.err != RD_KAFKA_RESP_ERR_NO_ERROR ? entry.err : whole;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      continue;
    take_back({entry.topic, entry.partition});
    again = true;
    if (!is_passing(code) && !failure_)
      failure_ = fmt::format(
        "group \"{}\" cannot commit offset {} of {}/{}: {}", group_, entry.offset, entry.topic, entry.partition,
        explain_commit_error(code));
  }
  under_way_.clear();
  if (!again)
    send();
  changed_.notify_all();
}

bool offset_committer::finish(duration deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  std::unique_lock lock{m_};
  if (!rk_)
    return true;
  while (!failure_ && (!waiting_.empty() || !under_way_.empty()) && std::chrono::steady_clock::now() < end) {
    send();
    changed_.wait_until(lock, std::min(end, std::chrono::steady_clock::now() + retry_pause));
  }
  const bool stored = waiting_.empty() && under_way_.empty();
  results_.reset();
  rk_ = nullptr;
  waiting_.clear();
  return stored;
}

std::optional<std::string> offset_committer::failure() const {
  const std::lock_guard lock{m_};
  return failure_;
}

} // namespace leat
