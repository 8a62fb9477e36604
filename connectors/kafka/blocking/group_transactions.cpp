#include <leat/connectors/kafka/blocking/group_transactions.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/admin_request.hpp>
#include <leat/connectors/kafka/blocking/position_list.hpp>
#include <leat/connectors/kafka/blocking/record_request.hpp>

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>

namespace leat {

namespace {

using clock = std::chrono::steady_clock;

constexpr int slice = 200; // ms between two looks at whether somebody still waits
constexpr int breath = 20; // ms before something is asked again
constexpr std::chrono::seconds stop_patience{1};

/// Records are given up before the brokers end their transaction, after a minute.
std::vector<client_property>
transaction_properties(const settings& config, const std::string& group, std::optional<std::size_t> largest_batch) {
  constexpr const char* origin = "the producer's own";
  std::vector<client_property> own{
    {"transactional.id", group, origin},
    {"max.in.flight.requests.per.connection", "1", origin}, // as in reporting_producer
    {"message.timeout.ms", "45000", origin},
    {"linger.ms", "0", origin},
    {"retry.backoff.ms", "5", origin}}; // the next transaction asks a coordinator that is often not done yet
  if (largest_batch)
    own.push_back(batch_property(*largest_batch));
  return client_properties(config, client_role::producer, own);
}

std::string advice_for_transactions(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED
           ? "; grant the user of kafka.properties WRITE and DESCRIBE on the transactional id, which is the group's name"
           : advice_for(code);
}

constexpr std::string_view nothing_written = "nothing of these records is written, and none is remembered as sent";
constexpr std::string_view perhaps_written =
  "whether these records are written is told by what is remembered the next time";

} // namespace

/// Notes a request of the producer that has got no answer: what it does late would be done to the next transaction (Kafka's KAFKA-17754).
class group_transactions::watch final : public request_watch {
public:
  void on_sent(std::int16_t) noexcept override {}
  void on_answered(std::int16_t, rd_kafka_resp_err_t failed) noexcept override {
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR)
      clean_ = false;
  }
  [[nodiscard]] bool clean() const noexcept { return clean_; }

private:
  std::atomic<bool> clean_ = true;
};

/// One transaction after the other, and what librdkafka says of it.
class group_transactions::producer {
public:
  producer(const settings& config, std::string group, std::optional<std::size_t> largest_batch, question stopped)
    : group_{std::move(group)}, stopped_{std::move(stopped)},
      client_{
        client_role::producer, transaction_properties(config, group_, largest_batch), "kafka transactions " + group_,
        nullptr, watch_},
      main_{rd_kafka_queue_get_main(client_.get())} {
    until_done([&] { return rd_kafka_init_transactions(client_.get(), slice); });
  }

  result write(std::span<const outgoing_record> records, const std::vector<group_position>& positions) {
    until_done([&] { return rd_kafka_begin_transaction(client_.get()); });
    send(records);
    if (!broken())
      store(positions);
    while (under_way_ > 0 && !broken() && serve(slice)) // if in vain, the commit says why
      continue;
    if (!broken())
      commit();
    if (broken() && !given_up_)
      until_done([&] { return rd_kafka_abort_transaction(client_.get(), slice); });
    return {!broken(), refused_};
  }

  [[nodiscard]] bool usable() const noexcept { return !broken() && watch_->clean(); }

private:
  void send(std::span<const outgoing_record> records) {
    for (std::size_t i = 0; i < records.size() && !broken(); ++i) {
      auto code = enqueue(client_, records[i], i);
      for (; code == RD_KAFKA_RESP_ERR__QUEUE_FULL && under_way_ > 0 && !broken(); code = enqueue(client_, records[i], i))
        serve(breath);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        ++under_way_;
      else if (code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__FATAL)
        return; // the transaction has failed: its next request says why
      else
        refused_.emplace(i, explain_refusal(code));
    }
  }

  void store(const std::vector<group_position>& positions) {
    const auto list = make_position_list(positions);
    const kafka_ptr<rd_kafka_consumer_group_metadata_t> group{rd_kafka_consumer_group_metadata_new(group_.c_str())};
    until_done([&] { return rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), group.get(), slice); });
  }

  /// The last reports come before the brokers are asked for the end. When one of them proves nothing, they are not: but a commit that
  /// has begun cannot be taken back, so the next producer, which is made then, ends the transaction.
  void commit() {
    consequence_ = perhaps_written;
    until_done([&] { return confused_ ? nullptr : rd_kafka_commit_transaction(client_.get(), slice); });
    consequence_ = nothing_written;
    given_up_ = confused_;
  }

  /// Makes a request until it is answered, or a record is refused.
  template <class Request>
  void until_done(Request request) {
    for (;;) {
      const kafka_ptr<rd_kafka_error_t> error{request()};
      serve(0);
      if (!error || (broken() && rd_kafka_error_txn_requires_abort(error.get())))
        return;
      if (!rd_kafka_error_is_retriable(error.get()) || client_.log().hopeless())
        fail(*error);
      serve(breath);
    }
  }

  [[noreturn]] void fail(const rd_kafka_error_t& error) {
    std::array<char, 512> text{};
    auto code = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      code = rd_kafka_error_code(&error);
    if (rd_kafka_error_txn_requires_abort(&error)) { // readers wait for its end
      consequence_ = nothing_written;
      const kafka_ptr<rd_kafka_error_t> in_vain{rd_kafka_abort_transaction(client_.get(), slice)};
    }
    if (code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
      fail("another program sends with this group now, or this one has stood still for longer than a transaction may take");
    fail(rd_kafka_error_string(&error) + advice_for_transactions(code));
  }

  [[noreturn]] void fail(std::string_view why) const {
    throw connector_error{fmt::format("the transaction of group \"{}\" has failed: {}; {}", group_, why, consequence_)};
  }

  /// @returns whether something was reported.
  bool serve(int wait_ms) {
    bool reported = false;
    while (const kafka_ptr<rd_kafka_event_t> event{rd_kafka_queue_poll(main_.get(), wait_ms)}) {
      wait_ms = 0;
      if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR)
        client_.note_error(event.get());
      if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR)
        continue;
      reported = true;
      while (const auto* const m = rd_kafka_event_message_next(event.get()))
        note(*m);
    }
    if (stopped_() && !until_)
      until_ = clock::now() + stop_patience;
    if (until_ && clock::now() > *until_)
      fail("it was ended before the brokers have answered");
    return reported;
  }

  void note(const rd_kafka_message_t& reported) {
    --under_way_;
    switch (reported.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      confused_ = confused_ || !is_proven(reported);
      return;
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE: // dropped with the transaction, which has failed for another reason
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      fail("no broker has acknowledged its records in time");
    default:
      refused_.emplace(tag_of(reported), explain_refusal(reported.err));
    }
  }

  /// Whether the transaction is not to be committed.
  [[nodiscard]] bool broken() const noexcept { return !refused_.empty() || confused_; }

  const std::string group_;
  const question stopped_;
  const std::shared_ptr<watch> watch_ = std::make_shared<watch>();
  kafka_client client_;
  kafka_ptr<rd_kafka_queue_t> main_;
  std::optional<clock::time_point> until_;         // for what is under way, once nobody wants to wait
  std::string_view consequence_ = nothing_written; // of a failure now
  std::size_t under_way_ = 0;                      // records that are not reported
  std::map<std::size_t, std::string> refused_;
  bool confused_ = false; // a record may be missing though it was reported as written
  bool given_up_ = false; // its transaction is left to the next producer
};

group_transactions::group_transactions(
  const settings& config, std::string group, std::optional<std::size_t> largest_batch, question stopped)
  : producer_{std::make_unique<producer>(config, std::move(group), largest_batch, std::move(stopped))} {}

group_transactions::~group_transactions() = default;

group_transactions::result
group_transactions::write(std::span<const outgoing_record> records, const std::vector<group_position>& positions) {
  return producer_->write(records, positions);
}

bool group_transactions::usable() const noexcept { return producer_->usable(); }

} // namespace leat
