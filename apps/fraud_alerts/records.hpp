#pragma once

#include <leat/base/time.hpp>

#include <boost/describe.hpp>

#include <optional>
#include <string>

namespace leat::fraud {

/// A card payment, as it comes from the input topic.
struct transaction {
  std::string transaction_id;
  std::string user_id;
  double amount = 0; ///< in the currency's main unit; counted in hundredths
  std::string merchant;
  std::string country; ///< ISO 3166-1, two letters
  leat::timestamp timestamp;
};
BOOST_DESCRIBE_STRUCT(transaction, (), (transaction_id, user_id, amount, merchant, country, timestamp))

/// What a rule found, as it goes to the output topic.
struct alert {
  std::string rule; ///< the rule's name in the configuration: "large-amount"
  std::string user_id;
  std::optional<std::string> transaction_id;   ///< of a rule about single transactions, or about pairs: the second
  std::optional<leat::timestamp> window_start; ///< of a rule about windows, or the time of a pair's first transaction
  std::optional<leat::timestamp> window_end;   ///< exclusive
  double observed = 0;                         ///< an amount, a number of transactions, or the seconds between two
  double limit = 0;                            ///< what `observed` was compared with
  std::string detail;                          ///< for a person
};
BOOST_DESCRIBE_STRUCT(alert, (), (rule, user_id, transaction_id, window_start, window_end, observed, limit, detail))

} // namespace leat::fraud
