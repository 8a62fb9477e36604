#include "kafka_server.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <unistd.h>

namespace leat::testing {

namespace {

constexpr std::chrono::seconds patience{60};
constexpr const char* acl_tool = "org.apache.kafka.tools.AclCommand";

std::filesystem::path work_folder() { return std::filesystem::path{LEAT_SOURCE_ROOT} / "build" / "kafka"; }

std::filesystem::path fresh_home() {
  static int count = 0;
  return work_folder() / ("broker-" + std::to_string(getpid()) + "-" + std::to_string(++count));
}

/// Removes the data of tests that were killed.
void remove_abandoned() {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{work_folder()}) {
    int owner = 0;
    if (std::sscanf(entry.path().filename().c_str(), "broker-%d-", &owner) == 1 && kill(owner, 0) != 0)
      std::filesystem::remove_all(entry.path(), ignored); // another program may be at it as well
  }
}

std::string last_lines(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::stringstream all;
  all << in.rdbuf();
  const auto text = all.str();
  return text.substr(text.size() - std::min<std::size_t>(text.size(), 2000));
}

} // namespace

kafka_server::kafka_server() : kafka_server{1, {free_port()}} { start(); }

kafka_server::kafka_server(int id, std::vector<int> controller_ports)
  : libs_{work_folder() / "libs"}, home_{fresh_home()}, id_{id}, controller_ports_{std::move(controller_ports)},
    port_{free_port()}, guarded_port_{free_port()}, proxied_port_{free_port()}, proxy_port_{free_port()} {
  if (!std::filesystem::exists(libs_))
    throw std::runtime_error{"no Kafka in " + libs_.string() + ": run tools/kafka/install.sh"};
  remove_abandoned();
  std::filesystem::create_directories(home_);
  write_properties();
  format();
}

kafka_server::~kafka_server() {
  if (broker_)
    stop();
  std::filesystem::remove_all(home_);
}

kafka_server& kafka_server::shared() {
  static kafka_server server;
  return server;
}

void kafka_server::write_properties() const {
  const auto at = [](int port) { return "://127.0.0.1:" + std::to_string(port); };
  const auto copies = controller_ports_.size(), needed = copies / 2 + 1;
  std::string voters;
  for (std::size_t i = 0; i < copies; ++i)
    voters += (i == 0 ? "" : ",") + std::to_string(i + 1) + "@127.0.0.1:" + std::to_string(controller_ports_[i]);
  std::ofstream out{home_ / "server.properties"};
  out
    << "process.roles=broker,controller\nnode.id=" << id_ << "\ncontroller.quorum.voters=" << voters << '\n'
    << "listeners=PLAINTEXT" << at(port_) << ",GUARDED" << at(guarded_port_) << ",PROXIED" << at(proxied_port_)
    << ",CONTROLLER" << at(controller_ports_.at(static_cast<std::size_t>(id_) - 1)) << "\nadvertised.listeners=PLAINTEXT"
    << at(port_) << ",GUARDED" << at(guarded_port_) << ",PROXIED" << at(proxy_port_)
    << "\ncontroller.listener.names=CONTROLLER\ninter.broker.listener.name=PLAINTEXT\n"
    << "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,GUARDED:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT\n"
    << "sasl.enabled.mechanisms=PLAIN\n"
    << "listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule "
       "required user_guest=\"guest\" user_clerk=\"clerk\";\n"
    << "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
    << "super.users=User:ANONYMOUS\n"
    << "log.dirs=" << (home_ / "data").string() << '\n'
    << "auto.create.topics.enable=false\nbroker.session.timeout.ms=2000\nbroker.heartbeat.interval.ms=500\n"
    << "default.replication.factor=" << copies << "\nmin.insync.replicas=" << needed << '\n'
    << "offsets.topic.replication.factor=" << copies << "\noffsets.topic.num.partitions=4\n"
    << "transaction.state.log.replication.factor=" << copies << "\ntransaction.state.log.min.isr=" << needed << '\n'
    << "transaction.abort.timed.out.transaction.cleanup.interval.ms=500\n"
    << "transaction.state.log.num.partitions=4\ngroup.initial.rebalance.delay.ms=0\n";
}

void kafka_server::run_tool(const std::string& name, std::vector<std::string> arguments, const std::string& purpose) const {
  std::vector<std::string> command{"java", "-cp", (libs_ / "*").string(), name};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (process{command, log()}.wait() != 0)
    fail("cannot " + purpose);
}

void kafka_server::format() const {
  run_tool(
    "kafka.tools.StorageTool", {"format", "-t", "TGVhdFRlc3RDbHVzdGVyMQ", "-c", (home_ / "server.properties").string()},
    "format the data of a Kafka broker");
}

void kafka_server::allow(
  const std::string& user, const std::vector<std::string>& operations, const std::string& topic) const {
  std::vector<std::string> arguments{"--bootstrap-server", brokers(), "--add", "--allow-principal", "User:" + user};
  for (const auto& operation : operations)
    arguments.insert(arguments.end(), {"--operation", operation});
  arguments.insert(arguments.end(), {"--topic", topic});
  run_tool(acl_tool, arguments, "give " + user + " a permission for topic " + topic);
}

void kafka_server::allow_group(const std::string& user, const std::string& group) const {
  run_tool(
    acl_tool,
    {"--bootstrap-server", brokers(), "--add", "--allow-principal", "User:" + user, "--operation", "Read", "--group",
     group},
    "give " + user + " a permission for group " + group);
}

void kafka_server::start() {
  launch();
  wait_until_up();
}

void kafka_server::launch() {
  broker_ = std::make_unique<process>(
    std::vector<std::string>{
      "java", "-Xmx1g", "-cp", (libs_ / "*").string(), "kafka.Kafka", (home_ / "server.properties").string()},
    log());
}

void kafka_server::wait_until_up() const {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!accepts_connections(port_) || !accepts_connections(guarded_port_)) {
    if (!broker_->running() || std::chrono::steady_clock::now() > end)
      fail("a Kafka broker does not come up");
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
}

void kafka_server::stop() {
  broker_->signal(SIGKILL);
  broker_->wait();
}

void kafka_server::freeze() const { broker_->signal(SIGSTOP); }

void kafka_server::thaw() const { broker_->signal(SIGCONT); }

void kafka_server::fail(const std::string& what) const { throw std::runtime_error{what + ":\n" + last_lines(log())}; }

kafka_cluster::kafka_cluster() {
  const std::vector<int> controller_ports{free_port(), free_port(), free_port()};
  for (int id = 1; id <= 3; ++id)
    nodes_.push_back(std::unique_ptr<kafka_server>{new kafka_server{id, controller_ports}}); // the constructor is private
  for (const auto& node : nodes_)
    node->launch();
  for (const auto& node : nodes_)
    node->wait_until_up();
}

std::string kafka_cluster::brokers() const {
  std::string all;
  for (const auto& node : nodes_)
    all += (all.empty() ? "" : ",") + node->brokers();
  return all;
}

std::vector<kafka_server*> kafka_cluster::nodes() const {
  std::vector<kafka_server*> all;
  for (const auto& node : nodes_)
    all.push_back(node.get());
  return all;
}

std::string fresh_topic(const std::string& hint) {
  static std::atomic<int> count = 0; // tests may ask in several threads
  return hint + "-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

} // namespace leat::testing
