#include <leat/apps/leat/dlq/dlq_replay.hpp>

#include <leat/apps/leat/dlq/dlq.hpp>
#include <leat/apps/leat/dlq/payload_edit.hpp>
#include <leat/apps/leat/dlq/replay_memory.hpp>
#include <leat/apps/leat/json_object.hpp>
#include <leat/apps/leat/kafka/progress_line.hpp>
#include <leat/apps/leat/kafka/record_text.hpp>
#include <leat/apps/leat/kafka/scan_start.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/group_transactions.hpp>

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>
#include <vector>

namespace leat::cli {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// Letters that are sent together, and how long the first of them waits for the others at most.
constexpr std::size_t letters_at_once = 200;
constexpr std::size_t bytes_at_once = 8'000'000;
constexpr std::chrono::seconds longest_wait{1};
constexpr int most_tries = 5; // to send the same letters
constexpr std::chrono::seconds edit_patience{60};

/// A letter on its way.
struct outgoing_letter {
  letter what;
  std::string topic;
  std::int32_t partition = -1;
  std::optional<std::string> value;
};

class letter_sender {
public:
  letter_sender(
    const settings& config, const replay_wish& wish, const interruption& stop, const text_sink& out, const text_sink& err,
    bool json)
    : config_{config}, wish_{wish}, stop_{stop}, out_{out}, err_{err}, json_{json}, view_{config},
      topic_{view_.topic(wish.topic)}, scan_{
                                         config, ranges_from(view_, wish.filter.partitions_of(topic_), from_earliest{})} {
    if (!wish.to.empty())
      (void)partitions_of(wish.to); // throws when it is not there
    if (wish.dry_run)
      memory_.emplace(view_, topic_, committed_by(view_, replay_group(wish)));
    else
      take_over();
  }

  replayed run() {
    while (!scan_.done() && !stop_.asked() && taken_ < wish_.limit) {
      if (auto record = scan_.next(100ms))
        take(letter_of(std::move(*record)));
      if (is_full())
        send_batch();
      progress_.show(result_.sent);
    }
    send_batch();
    progress_.clear();
    return result_;
  }

private:
  [[nodiscard]] bool is_full() const {
    return batch_.size() >= letters_at_once || bytes_ >= bytes_at_once ||
           (!batch_.empty() && clock::now() - began_ >= longest_wait);
  }

  void take(letter l) {
    if (!wish_.filter.wants(l)) {
      ++result_.unwanted;
      return;
    }
    if (memory_->contains(l.record.from, l.record.offset)) {
      ++result_.before;
      return;
    }
    ++taken_;
    outgoing_letter out{.what = std::move(l), .topic = {}, .value = {}};
    if (auto problem = prepare(out); !problem.empty())
      return stop_.asked() ? void() : refuse(out.what, problem);
    add(std::move(out));
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

  void add(outgoing_letter out) {
    if (wish_.dry_run) {
      ++result_.sent;
      return print(out);
    }
    const auto& record = out.what.record;
    if (!memory_->fits(record.from, record.offset)) {
      send_batch();
      throw connector_error{fmt::format(
        "the letters that were sent lie so far apart that group \"{}\" cannot remember more of them. Replay those between "
        "them "
        "first, or take another --group",
        replay_group(wish_))};
    }
    memory_->plan(record.from, record.offset);
    if (batch_.empty())
      began_ = clock::now();
    bytes_ += out.value.value_or("").size() + record.key.value_or("").size();
    batch_.push_back(std::move(out));
  }

  /// Takes the group over from a replay that may be under way, this one too, and only then asks what it remembers.
  void take_over() {
    sending_.reset();
    sending_.emplace(config_, replay_group(wish_), largest_batch(), [this] { return stop_.asked(); });
    memory_.emplace(view_, topic_, settled_by(view_, replay_group(wish_)));
  }

  /// Sends letters, and remembers that: without those that Kafka refuses.
  void send_batch() {
    for (int in_vain = 0; !batch_.empty();) {
      if (!sending_->usable())
        plan_anew();
      const auto [written, refused] = sending_->write(records_of(batch_), memory_->planned());
      if (written)
        break;
      for (auto i = refused.rbegin(); i != refused.rend(); ++i) {
        refuse(batch_[i->first].what, i->second);
        batch_.erase(batch_.begin() + static_cast<std::ptrdiff_t>(i->first));
      }
      if (refused.empty() && ++in_vain == most_tries)
        throw connector_error{"the brokers do not say where letters are: begin again when all of them are up"};
    }
    memory_->keep();
    result_.sent += batch_.size();
    for (const auto& of : batch_)
      print(of);
    batch_.clear();
    bytes_ = 0;
  }

  /// Another replay may have sent some of these meanwhile.
  void plan_anew() {
    take_over();
    result_.before += std::erase_if(
      batch_, [&](const outgoing_letter& of) { return memory_->contains(of.what.record.from, of.what.record.offset); });
    for (const auto& of : batch_)
      memory_->plan(of.what.record.from, of.what.record.offset);
  }

  static std::vector<outgoing_record> records_of(const std::vector<outgoing_letter>& letters) {
    std::vector<outgoing_record> all;
    for (const auto& l : letters)
      all.push_back({l.topic, l.partition, l.what.record.key, l.value, {}});
    return all;
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

  const settings& config_;
  const replay_wish& wish_;
  const interruption& stop_;
  const text_sink& out_;
  const text_sink& err_;
  const bool json_;
  const cluster_view view_;
  const topic_facts topic_;
  std::optional<group_transactions> sending_; // none: nothing is sent
  std::optional<replay_memory> memory_;
  topic_scan scan_;
  std::map<std::string, std::int32_t> partitions_; // of topics that were asked for
  std::vector<outgoing_letter> batch_;             // to be sent
  std::size_t bytes_ = 0;                          // of them
  clock::time_point began_;                        // to wait, the first of them
  std::uint64_t taken_ = 0;                        // wanted, and not sent before
  replayed result_;
  json_writer line_;
  progress_line progress_{"letters sent", true};
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
