#pragma once

#include <leat/connectors/epochs/epoch_decision.hpp>
#include <leat/connectors/epochs/epoch_outlet.hpp>
#include <leat/connectors/postgres/postgres_sink.hpp>
#include <leat/connectors/postgres/row_store.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// In the log of an epoch the place of a topic is taken by the row's layout, encoded, or for a dead letter by this.
inline constexpr std::string_view letters_in_log = "letters";

/// The way out of one shard of a sink to PostgreSQL: the rows of epochs and the marker in one transaction.
///
/// The marker is the row of `leat_epochs` with the job, the uid of the sink's step and the shard. Who takes the shard over puts a
/// name of its own there, after having had the connection of the one before ended; a transaction begins with setting the
/// marker, which finds no row when somebody else has taken over. So who was shut out cannot write.
class postgres_outlet final : public epoch_outlet {
public:
  struct parts {
    pg_transactions::parts session; ///< `stop` is the link's
    row_store::parts rows;
    std::string uid; ///< of the step
    std::uint32_t shard = 0;
    bool duplicates_allowed = false;
    std::function<void(pg_point)> passes{}; ///< for tests
  };

  postgres_outlet(parts with, outlet_link& link);

  std::uint64_t restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs) override;
  void write(std::vector<std::string_view> logs) override;

private:
  std::uint64_t bring_out(epoch_facts facts, const std::vector<std::string_view>& logs);
  epoch_decision take_over(epoch_facts& facts);
  std::optional<std::uint64_t> claim(pqxx::transaction_base& in);
  [[noreturn]] void fenced() const;
  void write(pqxx::transaction_base& in, const std::vector<std::string_view>& logs, bool careful, std::uint64_t& refused);
  void set_marker(pqxx::transaction_base& in, std::uint64_t to);
  void pass(pg_point point) const;

  const parts with_;
  outlet_link& link_;
  const std::string owner_; // of the shard: this one, and no other of any process
  pg_transactions transactions_;
  row_store rows_;
  bool owns_ = false; // has taken the shard over: nobody else may have done so since
};

} // namespace leat
