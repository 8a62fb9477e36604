#include <leat/connectors/kafka/writing/shard_transactions.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/epochs/epoch_log.hpp>
#include <leat/connectors/kafka/writing/letters.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

namespace leat {

namespace {

constexpr int most_failures = 8; // transactions in a row that end in doubt
constexpr std::chrono::milliseconds shortest_pause{20};

/// Whether trying again will not help, and what will.
const char* advice(rd_kafka_resp_err_t code) {
  switch (code) {
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    return "grant the user of kafka.properties WRITE and READ on it: the marker of an exactly-once sink is an offset of "
           "its topic";
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    return "grant the user of kafka.properties READ on the group, which keeps the marker of this sink";
  case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    return "grant the user of kafka.properties WRITE and DESCRIBE on the transactional id";
  case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
  case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
  case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    return "the topic does not exist: was it deleted? Create it";
  default:
    return nullptr;
  }
}

} // namespace

std::uint64_t shard_transactions::restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs) {
  const std::vector<std::string_view> bytes = texts_of(logs);
  auto facts = facts_of(bytes);
  facts.checkpoint = checkpoint;
  facts.duplicates_allowed = with_.duplicates_allowed;
  producer_.reset(); // the marker is to be read
  return bring_out(std::move(facts), bytes);
}

void shard_transactions::write(std::vector<std::string_view> logs) {
  auto facts = facts_of(logs);
  facts.checkpoint = facts.logs.back();
  bring_out(std::move(facts), std::move(logs));
}

std::uint64_t shard_transactions::bring_out(epoch_facts facts, std::vector<std::string_view> logs) {
  epoch_decision next{epoch_action::write, facts.after, facts.logs.empty() ? 0 : facts.logs.back()};
  replaced_.clear();
  while (!stopped()) {
    if (!producer_) {
      next = connect(facts);
      if (stopped() || next.action == epoch_action::nothing)
        return facts.marker.value_or(0);
    }
    const auto first = static_cast<std::size_t>(std::ranges::upper_bound(facts.logs, next.from) - facts.logs.begin());
    const auto result = producer_->write(std::span{logs}.subspan(first), next.mark);
    if (result.how == transaction_end::committed) {
      failures_ = 0;
      if (!producer_->clean())
        producer_.reset();
      return next.mark;
    }
    if (result.how == transaction_end::refused) {
      auto rest = std::vector<std::string_view>(logs.begin() + static_cast<std::ptrdiff_t>(first), logs.end());
      replace_refused(rest, result.refused);
      std::ranges::copy(rest, logs.begin() + static_cast<std::ptrdiff_t>(first));
      producer_.reset();
    } else {
      leave(result, next.mark);
    }
  }
  return 0;
}

/// Takes the shard over and finds out what is out.
epoch_decision shard_transactions::connect(epoch_facts& facts) {
  producer_ = std::make_unique<transactional_producer>(with_.producer);
  producer_->init();
  facts.marker = producer_->marker();
  if (stopped())
    return {};
  const auto decided = decide_epoch(facts);
  if (decided.action != epoch_action::nothing && decided.action != epoch_action::write)
    throw final_error{step_text(with_.producer.user, explain_refusal(decided.action, facts, marker_in_words()))};
  return decided;
}

/// After a transaction that ended in doubt: gives up, or leaves the rest to a new producer.
void shard_transactions::leave(const transaction_result& result, std::uint64_t mark) {
  const auto& of = with_.producer;
  if (result.how == transaction_end::fenced) {
    // The broker ends only transactions that were open for too long; and nobody but another instance sets the marker then.
    const bool maybe_timeout = producer_->open_for() >= producer_->timeout();
    if (!maybe_timeout || producer_->marker().value_or(0) >= mark)
      throw final_error{step_text(
        of.user, fmt::format(
                   "another instance of this job has taken over the transactional id \"{}\" on {}: this one must end ({})",
                   of.id, of.user.brokers, result.why))};
  }
  if (const auto* const help = advice(result.code))
    throw connector_error{step_text(of.user, fmt::format("{} on {}: {}", result.why, of.user.brokers, help))};
  if (++failures_ > most_failures)
    throw connector_error{step_text(
      of.user,
      fmt::format(
        "{} transactions of \"{}\" on {} in a row were not committed: {}", failures_, of.id, of.user.brokers, result.why))};
  producer_.reset();
  if (stopped())
    return;
  spdlog::warn("{}: a transaction has ended in doubt, its marker will tell: {}", of.who, result.why);
  std::this_thread::sleep_for(shortest_pause * (1 << failures_));
}

/// Puts dead letters in the place of records that the broker will never take.
void shard_transactions::replace_refused(std::vector<std::string_view>& logs, const std::set<std::uint64_t>& refused) {
  std::vector<std::shared_ptr<const std::string>> made;
  std::uint64_t number = 0;
  for (const auto log : logs) {
    epoch_log_reader reader{log};
    epoch_log_writer writer;
    while (const auto record = reader.next()) {
      if (!refused.contains(number++)) {
        writer.add(*record);
        continue;
      }
      if (record->topic != with_.producer.topic) {
        if (log_cut_letter(writer, *record))
          continue;
        throw connector_error{step_text(
          with_.producer.user,
          fmt::format("the broker refuses a dead letter of {} bytes for \"{}\"", record->size(), record->topic))};
      }
      ++*with_.rejected;
      dead_letter letter;
      letter.reason =
        fmt::format("the broker refuses a record of {} bytes for topic \"{}\"", record->size(), record->topic);
      letter.step = with_.step;
      letter.topic = record->topic;
      letter.time = record->time;
      letter.key = record->key;
      letter.payload = record->value;
      spdlog::warn("{}: {}", with_.producer.who, letter.reason);
      if (with_.writes_letters)
        log_letter(writer, letter);
    }
    made.push_back(writer.finish(reader.epoch(), reader.after()));
  }
  for (std::size_t i = 0; i < logs.size(); ++i) {
    replaced_.push_back(std::move(made[i]));
    logs[i] = *replaced_.back();
  }
}

marker_words shard_transactions::marker_in_words() const {
  return {
    fmt::format("group \"{}\" on {}", with_.producer.id, with_.producer.user.brokers),
    "Was the topic created anew, the group deleted, or was the job away for so long that Kafka forgot it "
    "(offsets.retention.minutes)?",
    "kafka.allow-duplicates"};
}

} // namespace leat
