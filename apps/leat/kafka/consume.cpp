#include <leat/apps/leat/kafka/consume.hpp>

#include <leat/apps/leat/kafka/payload_reader.hpp>
#include <leat/apps/leat/kafka/progress_line.hpp>
#include <leat/apps/leat/kafka/record_text.hpp>
#include <leat/apps/leat/leat_command.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/group_offsets.hpp>

#include <fmt/ranges.h>

#include <algorithm>

namespace leat::cli {

namespace {

using namespace std::chrono_literals;

/// Prints records in one of the forms. A table's rows are printed some at a time, or when nothing comes for a moment.
class record_printer {
public:
  /// @param read outlives this; null: not needed.
  record_printer(const consume_query& query, payload_reader* read, const text_sink& out)
    : form_{query.form}, headers_{query.headers}, ids_{query.schema_ids}, read_{read}, out_{out}, table_{out, names()} {}

  void print(const kafka_message& record) {
    if (form_ == record_form::table)
      return add_row(record);
    if (form_ == record_form::raw)
      return record.value ? out_(*record.value + '\n') : void();
    json_.clear();
    write_record(json_, record, read_->possible(record.key), read_->expected(record.value));
    out_(json_.text());
  }

  void pause() {
    if (form_ == record_form::table)
      table_.finish();
  }

private:
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all{"TOPIC", "PARTITION", "OFFSET", "TIMESTAMP"};
    if (ids_)
      all.insert(all.end(), {"KEY SCHEMA", "VALUE SCHEMA"});
    all.emplace_back("KEY");
    if (headers_)
      all.emplace_back("HEADERS");
    all.emplace_back("VALUE");
    return all;
  }

  void add_row(const kafka_message& r) {
    const auto id = [](const payload& p) { return p.schema ? std::to_string(*p.schema) : "-"; };
    const auto key = read_->possible(r.key), value = read_->expected(r.value);
    std::vector<std::string> row{
      r.from.topic, std::to_string(r.from.number), std::to_string(r.offset), format_timestamp(r.time)};
    if (ids_)
      row.insert(row.end(), {id(key), id(value)});
    row.push_back(shown(key));
    if (headers_)
      row.push_back(shown_headers(r.headers));
    row.push_back(shown(value, tombstone));
    table_.add(std::move(row));
  }

  const record_form form_;
  const bool headers_;
  const bool ids_;
  payload_reader* const read_;
  const text_sink& out_;
  text_table table_;
  json_writer json_;
};

std::vector<partition> wanted_partitions(const cluster_view& view, const consume_query& query) {
  std::vector<partition> all;
  for (const auto& name : query.topics) {
    const auto topic = view.topic(name);
    for (const auto number : query.partitions)
      if (std::ranges::find(topic.partitions, number, &partition_facts::number) == topic.partitions.end())
        throw config_error{
          fmt::format("--partition: topic \"{}\" has {} partitions, from 0 on", name, topic.partitions.size())};
    for (const auto& p : topic.all())
      if (query.partitions.empty() || std::ranges::find(query.partitions, p.number) != query.partitions.end())
        all.push_back(p);
  }
  return all;
}

struct record_counts {
  std::uint64_t records = 0;
  std::uint64_t tombstones = 0;
};

void print_counters(const record_counts& c, const text_sink& err) {
  err("leat: " + counted(c.records, "record"));
  err(c.tombstones == 0 ? "\n" : fmt::format(", {}\n", counted(c.tombstones, "tombstone")));
}

void commit(const settings& config, const std::string& group, const topic_scan& scan) {
  std::vector<group_position> all;
  for (const auto& [of, next] : scan.positions())
    all.push_back({of, next});
  group_offsets{config, group}.store(all);
}

/// A transaction that nobody ends keeps what is behind its beginning from readers.
void tell_of_open_transactions(const topic_scan& scan, const std::vector<scan_range>& ranges, const text_sink& err) {
  for (const auto& [of, next] : scan.positions())
    if (const auto until = std::ranges::find(ranges, of, &scan_range::of)->until;
        next < until && until != scan_range::on_and_on)
      err(fmt::format(
        "leat: {}: {} from {} on, behind the begin of an open transaction; --read-uncommitted shows them\n", to_string(of),
        counted(static_cast<std::uint64_t>(until - next), "offset"), next));
}

} // namespace

void consume(
  const settings& config, const consume_query& query, const interruption& stop, const text_sink& out,
  const text_sink& err) {
  std::optional<payload_reader> read;
  if (query.form != record_form::raw)
    read.emplace(config, query.topics.front(), stop);
  const cluster_view view{config};
  auto ranges = ranges_from(view, wanted_partitions(view, query), query.from);
  if (query.follow)
    for (auto& r : ranges)
      r.until = scan_range::on_and_on;
  topic_scan scan{config, ranges, query.uncommitted};
  record_printer printer{query, read ? &*read : nullptr, out};
  progress_line progress{"records", true};
  record_counts so_far;
  while (so_far.records < query.limit && !scan.done() && !stop.asked()) {
    const auto record = scan.next(100ms);
    if (!record) {
      printer.pause();
      continue;
    }
    printer.print(*record);
    ++so_far.records;
    so_far.tombstones += record->value ? 0 : 1;
    progress.show(so_far.records);
  }
  printer.pause();
  progress.clear();
  if (!query.commit_for.empty())
    commit(config, query.commit_for, scan);
  if (scan.done())
    tell_of_open_transactions(scan, ranges, err);
  print_counters(so_far, err);
}

} // namespace leat::cli
