#include <leat/apps/leat/dlq/dlq_replay.hpp>

#include <leat/apps/leat/dlq/dlq.hpp>
#include <leat/apps/leat/dlq/payload_edit.hpp>
#include <leat/apps/leat/dlq/replay_memory.hpp>
#include <leat/apps/leat/json_object.hpp>
#include <leat/apps/leat/kafka/progress_line.hpp>
#include <leat/apps/leat/kafka/record_text.hpp>
#include <leat/apps/leat/kafka/scan_start.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/reporting_producer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>

namespace leat::cli {

namespace {

using namespace std::chrono_literals;

/// Letters that are sent before it is remembered which of them were acknowledged.
constexpr std::size_t letters_at_once = 200;
constexpr std::chrono::seconds edit_patience{60};
constexpr std::chrono::seconds stop_patience{5}; // for what is under way

/// A letter on its way.
struct outgoing_letter {
  letter what;
  std::string topic;
  std::int32_t partition = -1;
  std::optional<std::string> value;
  bool done = false; // acknowledged or refused
  std::string refusal;
};

class letter_sender {
public:
  letter_sender(
    const settings& config, const replay_wish& wish, const interruption& stop, const text_sink& out, const text_sink& err,
    bool json)
    : wish_{wish}, stop_{stop}, out_{out}, err_{err}, json_{json}, view_{config}, topic_{view_.topic(wish.topic)},
      memory_{config, view_, topic_, replay_group(wish)}, scan_{config, ranges_from(view_, topic_.all(), from_earliest{})},
      producer_{config, {.largest_batch = largest_batch()}, [this](const delivery_report& r) { note(r); }} {
    if (!wish.to.empty())
      (void)partitions_of(wish.to); // throws when it is not there
  }

  replayed run() {
    try {
      send_all();
    } catch (...) { // what was sent until now is remembered all the same
      finish_batch();
      throw;
    }
    finish_batch();
    progress_.clear();
    return result_;
  }

private:
  void send_all() {
    while (!scan_.done() && !stop_.asked() && taken_ < wish_.limit) {
      if (auto record = scan_.next(100ms))
        take(letter_of(std::move(*record)));
      if (batch_.size() >= letters_at_once)
        finish_batch();
      progress_.show(result_.sent);
    }
  }

  void take(letter l) {
    if (!wish_.filter.wants(l)) {
      ++result_.unwanted;
      return;
    }
    if (memory_.contains(l.record.from, l.record.offset)) {
      ++result_.before;
      return;
    }
    ++taken_;
    outgoing_letter out{.what = std::move(l), .topic = {}, .value = {}, .refusal = {}};
    if (auto problem = prepare(out); !problem.empty())
      return stop_.asked() ? void() : refuse(out.what, problem);
    send(std::move(out));
  }

  /// Decides where it goes and what it holds. @returns why it cannot be sent.
  std::string prepare(outgoing_letter& out) {
    const auto& l = out.what;
    if (l.cut)
      return fmt::format("it was cut, and is not whole; the original is at {}, if it is still there", l.place());
    if (!l.record.value && l.offset < 0) // one with an offset is a tombstone that was read
      return "it holds no value: its record is of a type without description, or could not be written in its format";
    out.topic = wish_.to.empty() ? l.source.topic : wish_.to;
    if (out.topic.empty())
      return "it says no topic; --to sends it to one";
    const auto partitions = partitions_of(out.topic);
    if (partitions == 0)
      return fmt::format("its topic \"{}\" does not exist; --to sends it to another", out.topic);
    if (out.topic == l.source.topic && l.source.number < partitions)
      out.partition = l.source.number;
    out.value = l.record.value;
    if (wish_.edit.empty() || !out.value)
      return {};
    auto made = edit_payload(wish_.edit, *out.value, edit_patience, [this] { return stop_.asked(); });
    out.value = std::move(made.bytes);
    return made.problem;
  }

  /// What the topic takes that most letters go to.
  [[nodiscard]] std::optional<std::size_t> largest_batch() const {
    return view_.largest_batch(wish_.to.empty() ? source_of(wish_.topic) : wish_.to);
  }

  /// @returns 0 when there is no such topic, unless the user has named it.
  std::int32_t partitions_of(const std::string& topic) {
    const auto known = partitions_.find(topic);
    if (known != partitions_.end())
      return known->second;
    const auto found = topic == wish_.to ? view_.topic(topic) : view_.find_topic(topic).value_or(topic_facts{});
    return partitions_[topic] = static_cast<std::int32_t>(found.partitions.size());
  }

  void send(outgoing_letter out) {
    if (wish_.dry_run) {
      ++result_.sent;
      return print(out);
    }
    if (!memory_.plan(out.what.record.from, out.what.record.offset)) {
      finish_batch();
      throw connector_error{fmt::format(
        "the letters that were sent lie so far apart that group \"{}\" cannot remember more of them. Replay those between "
        "them "
        "first, or take another --group",
        replay_group(wish_))};
    }
    batch_.push_back(std::move(out));
    const auto& added = batch_.back();
    const auto& record = added.what.record;
    const outgoing_record sent{added.topic, added.partition, record.key, added.value, {}};
    while (!producer_.send(sent, batch_.size() - 1))
      producer_.work_off(20ms);
  }

  void note(const delivery_report& report) {
    auto& of = batch_.at(report.tag);
    of.done = true;
    of.refusal = report.refusal;
  }

  /// Waits until what is under way is acknowledged, no longer than a moment once a stop is asked for, and remembers it.
  void finish_batch() {
    std::optional<std::chrono::steady_clock::time_point> until;
    while (producer_.under_way() > 0) {
      producer_.work_off(50ms);
      if (stop_.asked() && !until)
        until = std::chrono::steady_clock::now() + stop_patience;
      if (until && std::chrono::steady_clock::now() > *until)
        producer_.give_up();
    }
    for (const auto& of : batch_) {
      if (!of.refusal.empty()) {
        refuse(of.what, of.refusal);
        continue;
      }
      memory_.add(of.what.record.from, of.what.record.offset);
      ++result_.sent;
    }
    memory_.store();
    for (const auto& of : batch_)
      if (of.refusal.empty())
        print(of);
    batch_.clear();
  }

  void refuse(const letter& l, const std::string& why) {
    ++result_.failed;
    progress_.clear();
    err_(fmt::format("leat: letter {} of {} was not sent: {}\n", l.record.offset, to_string(l.record.from), why));
  }

  void print(const outgoing_letter& of) {
    const auto& record = of.what.record;
    if (!json_)
      return out_(fmt::format(
        "{}letter {} of {} to {}: {}\n", wish_.dry_run ? "would send " : "", record.offset, to_string(record.from),
        of.topic, shown(of.value, tombstone)));
    line_.clear();
    {
      json_object object{line_};
      object.text("letter_topic", record.from.topic);
      object.at("letter_partition").integer(record.from.number);
      object.at("letter_offset").integer(record.offset);
      object.text("to", of.topic);
      object.at("sent").raw(wish_.dry_run ? "false" : "true");
      write_payload(object.at("key"), record.key);
      write_payload(object.at("value"), of.value);
    }
    line_.raw('\n');
    out_(line_.text());
  }

  const replay_wish& wish_;
  const interruption& stop_;
  const text_sink& out_;
  const text_sink& err_;
  const bool json_;
  const cluster_view view_;
  const topic_facts topic_;
  replay_memory memory_;
  topic_scan scan_;
  std::map<std::string, std::int32_t> partitions_; // of topics that were asked for
  std::deque<outgoing_letter> batch_;              // sent, and not remembered
  std::uint64_t taken_ = 0;                        // wanted, and not sent before
  replayed result_;
  json_writer line_;
  progress_line progress_{"letters sent", true};
  reporting_producer producer_; // the last: it reports to the others
};

} // namespace

std::string replay_group(const replay_wish& wish) {
  if (!wish.group.empty())
    return wish.group;
  return wish.to.empty() ? wish.topic + "-replay" : fmt::format("{}-replay-to-{}", wish.topic, wish.to);
}

replayed replay_letters(
  const settings& config, const replay_wish& wish, const interruption& stop, const text_sink& out, const text_sink& err,
  bool json) {
  return letter_sender{config, wish, stop, out, err, json}.run();
}

} // namespace leat::cli
