#include <leat/connectors/kafka/writing/transactional_producer.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/epochs/epoch_log.hpp>
#include <leat/connectors/kafka/offset_committer.hpp>
#include <leat/connectors/kafka/writing/letters.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <thread>

namespace leat {

namespace {

using namespace std::chrono_literals;

constexpr int slice = 500;             // ms between two looks at whether waiting still makes sense
constexpr int moment = 1;              // ms, in which a small batch comes back
constexpr auto report_patience = 50ms; // of records, when their transaction has failed
constexpr int letter_patience = 5'000; // ms for the creation of a topic

/// Kafka's numbers of the requests a transaction is made of.
enum request : std::int16_t {
  produce_request = 0,
  add_partitions = 24,
  add_offsets = 25,
  end_transaction = 26,
  commit_offsets = 28
};

bool is_of_transaction(std::int16_t kind) {
  return kind == produce_request || kind == add_partitions || kind == add_offsets || kind == end_transaction ||
         kind == commit_offsets;
}

std::vector<client_property> with_id(std::vector<client_property> properties, const std::string& id) {
  properties.push_back({"transactional.id", id, "Leat's own"});
  return properties;
}

kafka_ptr<rd_kafka_topic_partition_list_t> marker_place(const std::string& topic) {
  auto list = make_partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0);
  return list;
}

} // namespace

/// Notes whether a request of a transaction got no answer, and tells when the end of one is under way.
class transactional_producer::watch final : public request_watch {
public:
  explicit watch(std::function<void(transaction_point)> passes) : passes_{std::move(passes)} {}

  void on_sent(std::int16_t kind) noexcept override {
    if (kind == end_transaction && passes_)
      passes_(transaction_point::ending);
  }

  void on_answered(std::int16_t kind, rd_kafka_resp_err_t failed) noexcept override {
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR && is_of_transaction(kind))
      clean_ = false;
  }

  [[nodiscard]] bool clean() const noexcept { return clean_; }

private:
  const std::function<void(transaction_point)> passes_;
  std::atomic<bool> clean_ = true;
};

transactional_producer::transactional_producer(parts with)
  : with_{std::move(with)}, watch_{std::make_shared<watch>(with_.passes)},
    client_{client_role::producer, with_id(with_.properties, with_.id), with_.who, nullptr, watch_},
    main_{rd_kafka_queue_get_main(client_.get())}, batch_bytes_{std::stoul(client_.property("batch.size"))},
    batch_records_{std::stoul(client_.property("batch.num.messages"))} {}

/// What is still under way is of a transaction that its successor ends.
transactional_producer::~transactional_producer() = default;

void transactional_producer::init() {
  while (!stopped()) {
    const kafka_ptr<rd_kafka_error_t> error{rd_kafka_init_transactions(client_.get(), slice)};
    serve(0);
    if (!error)
      return;
    const auto code = rd_kafka_error_code(error.get());
    if (client_.log().hopeless() || (!rd_kafka_error_is_retriable(error.get()) && !is_passing(code)))
      throw connector_error{step_text(
        with_.user, fmt::format(
                      "cannot take over the transactional id \"{}\" on {}: {}{}", with_.id, with_.user.brokers,
                      rd_kafka_error_string(error.get()),
                      code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                        ? ". Grant the user of kafka.properties WRITE and DESCRIBE on it"
                        : ""))};
  }
}

/// By a consumer: the request of the administration that a producer may make is lost, or aborts the program, when a broker restarts
/// meanwhile (librdkafka 2.0.2, `rd_kafka_enq_once_del_source_return`).
std::optional<std::uint64_t> transactional_producer::marker() {
  auto properties = with_.reader_properties;
  properties.push_back({"group.id", with_.id, "Leat's own"});
  properties.push_back({"isolation.level", "read_committed", "Leat's own"}); // what is being committed is waited for
  const kafka_client reader{client_role::consumer, properties, with_.who};
  while (!stopped()) {
    const auto where = marker_place(with_.topic);
    auto code = rd_kafka_committed(reader.get(), where.get(), slice);
    if (!code)
      code = where->elems[0].err;
    if (!code)
      return where->elems[0].offset > 0 ? std::optional{static_cast<std::uint64_t>(where->elems[0].offset)} : std::nullopt;
    if (!is_passing(code) || reader.log().hopeless())
      throw connector_error{step_text(
        with_.user,
        fmt::format(
          "the brokers {} do not tell what group \"{}\", which keeps the marker of this sink, has committed: {}",
          with_.user.brokers, with_.id, explain_commit_error(code)))};
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return std::nullopt;
}

transaction_result transactional_producer::write(std::span<const std::string_view> logs, std::uint64_t mark) {
  result_ = {};
  in_vain_ = 1; // nobody has waited yet
  const auto began = clock::now();
  latest_ = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  if (!failed(rd_kafka_begin_transaction(client_.get()))) {
    pass(transaction_point::begun);
    if (produce(logs) && send_marker(mark) && wait_arrived() && commit())
      pass(transaction_point::answered);
  }
  open_for_ = clock::now() - began;
  return result_;
}

bool transactional_producer::produce(std::span<const std::string_view> logs) {
  std::uint64_t all = 0;
  for (const auto log : logs)
    all += epoch_log_reader{log}.records();
  std::uint64_t number = 0;
  for (const auto log : logs) {
    epoch_log_reader reader{log};
    while (const auto record = reader.next()) {
      auto code = produce(*record, number);
      for (; code == RD_KAFKA_RESP_ERR__QUEUE_FULL && under_way_ > 0; code = produce(*record, number)) {
        send_more();
        if (stopped() || result_.how != transaction_end::committed)
          return fail(RD_KAFKA_RESP_ERR__DESTROY, "stopped");
      }
      if (code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__FATAL)
        return true; // the transaction has failed: the next request of it says why
      if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR__QUEUE_FULL) // larger than the queue
        result_.refused.insert(number);
      else if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(code, fmt::format("cannot write to topic \"{}\": {}", record->topic, rd_kafka_err2str(code)));
      if (++number == (all + 1) / 2 && with_.passes) {
        while (awaits_reports()) // whoever is told finds them in Kafka
          send_more();
        if (under_way_ == 0)
          pass(transaction_point::half_produced);
      }
    }
  }
  return true;
}

rd_kafka_resp_err_t transactional_producer::produce(const logged_record& r, std::uint64_t number) {
  const auto bytes_of = [](const std::optional<std::string_view>& s) { return s ? const_cast<char*>(s->data()) : nullptr; };
  const auto key_size = r.key ? r.key->size() : 0, value_size = r.value ? r.value->size() : 0;
  kafka_ptr<rd_kafka_headers_t> headers{r.headers.empty() ? nullptr : rd_kafka_headers_new(r.headers.size())};
  for (const auto& [name, value] : r.headers)
    rd_kafka_header_add(
      headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
  const auto code = rd_kafka_producev(
    client_.get(), RD_KAFKA_V_RKT(topic(r.topic)), RD_KAFKA_V_PARTITION(r.partition.value_or(RD_KAFKA_PARTITION_UA)),
    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(bytes_of(r.key), key_size),
    RD_KAFKA_V_VALUE(bytes_of(r.value), value_size), RD_KAFKA_V_TIMESTAMP(to_millis(std::min(r.time, latest_))),
    RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(number)), RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    (void)headers.release(); // librdkafka's now
    ++under_way_;
    bytes_under_way_ += r.size();
  }
  return code;
}

/// Meanwhile the records go: the marker takes its own round trips.
bool transactional_producer::send_marker(std::uint64_t mark) {
  const auto where = marker_place(with_.topic);
  where->elems[0].offset = static_cast<std::int64_t>(mark);
  const kafka_ptr<rd_kafka_consumer_group_metadata_t> group{rd_kafka_consumer_group_metadata_new(with_.id.c_str())};
  while (!stopped()) {
    auto sent = std::async(std::launch::async | std::launch::deferred, [&] { // deferred where threads have run out
      return kafka_ptr<rd_kafka_error_t>{rd_kafka_send_offsets_to_transaction(client_.get(), where.get(), group.get(), -1)};
    });
    while (awaits_reports() && sent.wait_for(0ms) != std::future_status::ready)
      send_more();
    auto error = sent.get();
    if (error && rd_kafka_error_is_retriable(error.get()))
      serve(slice / 10);
    else
      return !failed(error.release());
  }
  return fail(RD_KAFKA_RESP_ERR__DESTROY, "stopped");
}

/// Once a record is refused, or what failed has made librdkafka drop the others, the rest may never be reported on.
bool transactional_producer::awaits_reports() const noexcept {
  return under_way_ > 0 && !dropped_ && result_.refused.empty() && result_.how == transaction_end::committed && !stopped();
}

bool transactional_producer::wait_arrived() {
  while (awaits_reports())
    send_more();
  if (stopped())
    return fail(RD_KAFKA_RESP_ERR__DESTROY, "stopped");
  if (result_.how == transaction_end::committed && !result_.refused.empty())
    result_.how = transaction_end::refused;
  if (result_.how != transaction_end::committed)
    return false;
  if (!dropped_) // else the commit says why
    pass(transaction_point::produced);
  return true;
}

bool transactional_producer::commit() {
  while (!stopped()) {
    kafka_ptr<rd_kafka_error_t> error{rd_kafka_commit_transaction(client_.get(), -1)};
    if (error && rd_kafka_error_is_retriable(error.get()))
      serve(slice / 10); // a further call resumes it
    else
      return !failed(error.release());
  }
  return fail(RD_KAFKA_RESP_ERR__DESTROY, "stopped");
}

/// Whether what is under way are so many whole batches, were they all of one partition.
bool transactional_producer::holds(std::size_t batches) const noexcept {
  return bytes_under_way_ >= batches * batch_bytes_ || under_way_ >= batches * batch_records_;
}

/// Waits a moment for reports. While whole batches are under way, they go one after the other: when some partition must have one, and,
/// while reports come, when one may have. What is less is sent when it is told to. Without waiting for whole ones librdkafka would send
/// what it finds, and then, as it has one batch of a partition under way, ask without pause whether there is room for the next (2.0.2,
/// `rd_kafka_toppar_producer_serve`: its limit of five requests counts records), which doubled what its thread costs.
void transactional_producer::send_more() {
  const auto before = under_way_;
  if (holds(with_.partitions) || (in_vain_ == 0 && holds(1)))
    serve(10 * moment);
  if (under_way_ == before) {
    rd_kafka_flush(client_.get(), moment); // only says that all is to go now: reports are served here
    serve(std::min(moment + in_vain_ / 64, 50 * moment));
  }
  in_vain_ = under_way_ == before ? in_vain_ + 1 : 0;
}

void transactional_producer::serve(int wait_ms) {
  while (const kafka_ptr<rd_kafka_event_t> event{rd_kafka_queue_poll(main_.get(), wait_ms)}) {
    wait_ms = 0;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR)
      on_delivery(event.get());
    else if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR)
      client_.note_error(event.get());
  }
  std::array<char, 512> text{};
  if (const auto code = rd_kafka_fatal_error(client_.get(), text.data(), text.size()))
    fail(code, text.data());
}

void transactional_producer::on_delivery(rd_kafka_event_t* event) {
  std::array<const rd_kafka_message_t*, 512> some{};
  while (const auto count = rd_kafka_event_message_array(event, some.data(), some.size())) {
    under_way_ -= count;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& m = *some[i];
      bytes_under_way_ -= m.len + m.key_len;
      if (m.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || m.err == RD_KAFKA_RESP_ERR_INVALID_RECORD)
        result_.refused.insert(reinterpret_cast<std::uint64_t>(m._private));
      else if (m.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || m.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
        dropped_ = true;
      else if (m.err != RD_KAFKA_RESP_ERR_NO_ERROR && result_.refused.empty())
        fail(m.err, fmt::format("cannot write to topic \"{}\": {}", rd_kafka_topic_name(m.rkt), rd_kafka_err2str(m.err)));
      else if (m.err == RD_KAFKA_RESP_ERR_NO_ERROR && !is_proven(m))
        fail(
          RD_KAFKA_RESP_ERR__INCONSISTENT,
          fmt::format("topic \"{}\" may have later records without earlier ones", rd_kafka_topic_name(m.rkt)));
    }
  }
}

void transactional_producer::pass(transaction_point point) const {
  if (with_.passes)
    with_.passes(point);
}

/// The first failure counts, and one that says that somebody else writes.
bool transactional_producer::fail(rd_kafka_resp_err_t code, std::string why) {
  if (code == RD_KAFKA_RESP_ERR__FENCED)
    result_ = {transaction_end::fenced, code, std::move(why), {}};
  else if (result_.how == transaction_end::committed)
    result_ = {stopped() ? transaction_end::stopped : transaction_end::failed, code, std::move(why), result_.refused};
  return false;
}

/// Takes the error over. @returns whether it is one.
bool transactional_producer::failed(rd_kafka_error_t* error) {
  const kafka_ptr<rd_kafka_error_t> owned{error};
  if (!owned)
    return false;
  serve(0);
  for (const auto until = clock::now() + report_patience; awaits_reports() && clock::now() < until;)
    serve(moment); // the reports of records say more, and may come a little later
  if (!result_.refused.empty() && result_.how == transaction_end::committed)
    result_.how = transaction_end::refused;
  fail(rd_kafka_error_code(error), rd_kafka_error_string(error));
  return true;
}

bool transactional_producer::clean() const noexcept { return watch_->clean(); }

std::chrono::milliseconds transactional_producer::timeout() const {
  return std::chrono::milliseconds{std::stol(client_.property("transaction.timeout.ms"))};
}

rd_kafka_topic_t* transactional_producer::topic(std::string_view name) {
  const auto found = topics_.find(name);
  if (found != topics_.end())
    return found->second.get();
  if (name != with_.topic)
    create_topic(name);
  kafka_ptr<rd_kafka_topic_t> made{rd_kafka_topic_new(client_.get(), std::string{name}.c_str(), nullptr)};
  if (!made)
    throw connector_error{
      step_text(with_.user, fmt::format("\"{}\" cannot be a topic: {}", name, rd_kafka_err2str(rd_kafka_last_error())))};
  return topics_.emplace(name, std::move(made)).first->second.get();
}

/// One of dead letters, before its first record: librdkafka asks for a topic when it is first written, and one that is created by that
/// would miss the transaction. Whatever the answer: the topic may be there all the same, and if not, the delivery fails with a reason.
void transactional_producer::create_topic(std::string_view name) {
  const kafka_ptr<rd_kafka_queue_t> answers{rd_kafka_queue_new(client_.get())};
  request_letter_topic(client_.get(), std::string{name}, answers.get());
  const kafka_ptr<rd_kafka_event_t> answer{rd_kafka_queue_poll(answers.get(), letter_patience)};
}

} // namespace leat
