#include <leat/connectors/postgres/postgres_outlet.hpp>

#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/epochs/epoch_log.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace leat {

namespace {

std::string random_name() {
  std::random_device bits;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", bits(), bits(), bits(), bits());
}

pg_transactions::parts stopped_by(pg_transactions::parts with, const outlet_link& link) {
  with.stop = &link.stop;
  return with;
}

} // namespace

postgres_outlet::postgres_outlet(parts with, outlet_link& link)
  : with_{std::move(with)}, link_{link}, owner_{random_name()},
    transactions_{stopped_by(with_.session, link)}, rows_{transactions_, with_.rows} {}

std::uint64_t postgres_outlet::restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs) {
  const auto texts = texts_of(logs);
  auto facts = facts_of(texts);
  facts.checkpoint = checkpoint;
  facts.duplicates_allowed = with_.duplicates_allowed;
  transactions_.disconnect(); // the marker is to be read
  owns_ = false;
  return bring_out(std::move(facts), texts);
}

void postgres_outlet::write(std::vector<std::string_view> logs) {
  auto facts = facts_of(logs);
  facts.checkpoint = facts.logs.back();
  bring_out(std::move(facts), logs);
}

std::uint64_t postgres_outlet::bring_out(epoch_facts facts, const std::vector<std::string_view>& logs) {
  epoch_decision next{epoch_action::write, facts.after, facts.logs.empty() ? 0 : facts.logs.back()};
  std::uint64_t refused = 0; // by the last attempt
  std::optional<std::uint64_t> tried;
  while (!link_.stop) {
    if (!transactions_.connected()) {
      next = take_over(facts);
      if (link_.stop || !transactions_.connected())
        continue;
      if (next.action == epoch_action::nothing) {
        if (tried && facts.marker == tried)
          link_.rejected += refused;
        return facts.marker.value_or(0);
      }
    }
    const auto first = std::ranges::upper_bound(facts.logs, next.from) - facts.logs.begin();
    tried = next.mark;
    const auto outcome = transactions_.attempt([&](pqxx::transaction_base& in, bool careful) {
      pass(pg_point::begun);
      set_marker(in, next.mark);
      write(in, {logs.begin() + first, logs.end()}, careful, refused);
      pass(pg_point::written);
    });
    if (outcome == pg_outcome::committed) {
      pass(pg_point::committed);
      link_.rejected += refused;
      return next.mark;
    }
  }
  return 0;
}

/// Shuts out whoever wrote before, and finds out what is out. Not connected afterwards: it is to be tried again.
epoch_decision postgres_outlet::take_over(epoch_facts& facts) {
  if (!transactions_.connect())
    return {};
  const auto outcome = transactions_.attempt([&](pqxx::transaction_base& in, bool) { facts.marker = claim(in); });
  if (outcome != pg_outcome::committed)
    return {};
  owns_ = true;
  const auto decided = decide_epoch(facts);
  if (decided.action == epoch_action::nothing || decided.action == epoch_action::write)
    return decided;
  const marker_words words{
    fmt::format(
      "table {} (job '{}', step '{}', shard {}) of {}", with_.rows.tables.epochs(), with_.rows.job, with_.uid, with_.shard,
      with_.session.address.shown()),
    "Was the row deleted, or the table made anew?", "postgres.allow-duplicates"};
  throw final_error{fmt::format("sink '{}': {}", with_.session.step, explain_refusal(decided.action, facts, words))};
}

/// Puts its name there and reads the marker. The first time whoever is there is shut out; later, when its connection was lost, the name
/// must still be its own.
std::optional<std::uint64_t> postgres_outlet::claim(pqxx::transaction_base& in) {
  const auto epochs = with_.rows.tables.epochs();
  const auto& job = with_.rows.job;
  if (!owns_) { // it may be stopped in the middle of a transaction, and hold the row for as long as its connection lives
    in.exec_params(
      fmt::format(
        "SELECT pg_terminate_backend(e.backend) FROM {} e JOIN pg_stat_activity a ON a.pid = e.backend AND a.backend_start "
        "= e.backend_start WHERE e.job = $1 AND e.step = $2 AND e.shard = $3 AND e.backend <> pg_backend_pid()",
        epochs),
      job, with_.uid, with_.shard);
    in.exec_params(
      fmt::format(
        "INSERT INTO {} AS e (job, step, shard, owner, backend, backend_start) SELECT $1, $2, $3, $4, 0, now() ON CONFLICT "
        "(job, step, shard) DO UPDATE SET owner = excluded.owner",
        epochs),
      job, with_.uid, with_.shard, owner_);
  }
  const auto found = in.exec_params(
    fmt::format(
      "UPDATE {} e SET backend = a.pid, backend_start = a.backend_start FROM pg_stat_activity a WHERE a.pid = "
      "pg_backend_pid() AND e.job = $1 AND e.step = $2 AND e.shard = $3 AND e.owner = $4 RETURNING e.epoch",
      epochs),
    job, with_.uid, with_.shard, owner_);
  if (found.empty())
    fenced();
  return found[0][0].is_null() ? std::nullopt : std::optional{found[0][0].as<std::uint64_t>()};
}

void postgres_outlet::fenced() const {
  throw final_error{fmt::format(
    "sink '{}': another instance of this job has taken over shard {} in table {} of {}: this one must end",
    with_.session.step, with_.shard, with_.rows.tables.epochs(), with_.session.address.shown())};
}

void postgres_outlet::set_marker(pqxx::transaction_base& in, std::uint64_t to) {
  const auto changed =
    in.exec_params(
        fmt::format(
          "UPDATE {} SET epoch = $1, written = now() WHERE job = $2 AND step = $3 AND shard = $4 AND owner = $5",
          with_.rows.tables.epochs()),
        to, with_.rows.job, with_.uid, with_.shard, owner_)
      .affected_rows();
  if (changed != 1)
    fenced();
}

/// Rows in the order of the logs, as many at a time as have one layout.
void postgres_outlet::write(
  pqxx::transaction_base& in, const std::vector<std::string_view>& logs, bool careful, std::uint64_t& refused) {
  refused = 0;
  std::vector<std::string_view> rows;
  std::string_view layout_bytes;
  row_layout layout;
  const auto flush = [&] {
    if (!rows.empty())
      refused += rows_.write(in, layout, rows, careful);
    rows.clear();
  };
  for (const auto log : logs) {
    epoch_log_reader reader{log};
    while (const auto record = reader.next()) {
      if (record->topic == letters_in_log) {
        rows_.write(in, decoded<dead_letter>(*record->value));
        continue;
      }
      if (record->topic != layout_bytes) {
        flush();
        layout_bytes = record->topic;
        layout = decoded<row_layout>(layout_bytes);
      }
      rows.push_back(*record->value);
    }
  }
  flush();
}

void postgres_outlet::pass(pg_point point) const {
  if (with_.passes)
    with_.passes(point);
}

} // namespace leat
