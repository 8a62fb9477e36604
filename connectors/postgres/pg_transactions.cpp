#include <leat/connectors/postgres/pg_transactions.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace leat {

namespace {

constexpr std::chrono::milliseconds shortest_pause{20};
constexpr std::chrono::milliseconds longest_pause{1000};
constexpr int failures_to_say = 3; // in a row of transactions that others are in the way of: one or two are nothing

} // namespace

pg_transactions::pg_transactions(parts with) : with_{std::move(with)} {}

pg_transactions::~pg_transactions() = default;

bool pg_transactions::connect() {
  while (!connection_ && !*with_.stop) {
    try {
      connection_ = leat::connect(with_.address, with_.application);
      if (std::exchange(lost_, false))
        spdlog::info("{}: {} is connected again", with_.who, with_.address.shown());
    } catch (const pqxx::broken_connection& e) {
      if (is_hopeless(e))
        give_up(e);
      lost_ = true;
      pause(e);
    }
  }
  return connection_ && !*with_.stop;
}

void pg_transactions::disconnect() noexcept {
  connection_.reset();
  prepared_.clear();
}

pg_outcome pg_transactions::attempt(const std::function<void(pqxx::transaction_base&, bool)>& work) {
  bool careful = false;
  while (!*with_.stop) {
    try {
      pg_transaction transaction{connection_->get()};
      if (careful)
        transaction.statements().exec("SET CONSTRAINTS ALL IMMEDIATE"); // else it may be the commit that fails
      work(transaction.statements(), careful);
      transaction.commit();
      failures_ = 0;
      return pg_outcome::committed;
    } catch (const pqxx::failure& e) {
      switch (failure_of(e)) {
      case pg_failure::row:
        if (careful)
          give_up(e);
        careful = true;
        break;
      case pg_failure::conflict:
        pause(e);
        break;
      case pg_failure::connection:
        disconnect();
        pause(e);
        return *with_.stop ? pg_outcome::stopped : pg_outcome::in_doubt;
      case pg_failure::statement:
        give_up(e);
      }
    }
  }
  return pg_outcome::stopped;
}

std::size_t
pg_transactions::execute(pqxx::transaction_base& in, const std::string& sql, std::span<const std::string> binary) {
  auto at = prepared_.find(sql);
  if (at == prepared_.end()) {
    at = prepared_.emplace(sql, fmt::format("leat_{}", prepared_.size())).first;
    connection_->get().prepare(at->second, sql);
  }
  std::vector<pqxx::binarystring> parameters;
  parameters.reserve(binary.size());
  for (const auto& p : binary)
    parameters.emplace_back(p);
  return in.exec_prepared(at->second, pqxx::prepare::make_dynamic_params(parameters)).affected_rows();
}

/// Longer from time to time, and says why, but not each time.
void pg_transactions::pause(const std::exception& why) {
  ++failures_;
  const bool is_conflict = failure_of(why) == pg_failure::conflict;
  if (!is_conflict || failures_ >= failures_to_say)
    if (const auto held_back = log_.pass(is_conflict ? "conflict" : "connection", log_limit::clock::now()))
      spdlog::warn("{}: {}, trying again: {}", with_.who, with_.address.shown(), one_line(why));
  const auto until =
    std::chrono::steady_clock::now() + std::min(longest_pause, shortest_pause * (1 << std::min(failures_, 6)));
  while (!*with_.stop && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(shortest_pause);
}

void pg_transactions::give_up(const std::exception& why) const {
  throw connector_error{fmt::format("{} '{}': {}: {}", with_.end, with_.step, with_.address.shown(), one_line(why))};
}

} // namespace leat
