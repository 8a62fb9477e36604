#include <leat/apps/fraud_alerts/fraud_alerts_job.hpp>

#include <leat/apps/fraud_alerts/find_fraud.hpp>
#include <leat/connectors/kafka.hpp>

namespace leat::fraud {

job fraud_alerts_job(const settings& config) {
  job fraud{"fraud-alerts"};
  const auto late = late_by(config.span("time.out-of-orderness"));
  const auto transactions =
    fraud.source(kafka::source<transaction>(config.text("topics.input"), json).event_time(&transaction::timestamp, late));
  find_fraud(transactions, rules_from(config))
    .sink(kafka::sink<alert>(config.text("topics.output"), json)
            .key(&alert::user_id)
            .exactly_once(!config.text("checkpoints.directory").empty()));
  return fraud;
}

} // namespace leat::fraud
