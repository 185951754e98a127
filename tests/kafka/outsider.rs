//! A transactional writer that is not Picket.

use crate::wait::PATIENCE;
use crate::world::{PARTITIONS, World};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

pub(crate) struct Outsider {
    producer: ThreadedProducer<DefaultProducerContext>,
    prefix: String,
}

impl Outsider {
    pub(crate) fn new(world: &World, id: &str) -> Self {
        let mut config = world.client();
        config.set("transactional.id", world.topic(id)).set("partitioner", "murmur2_random");
        let producer: ThreadedProducer<_> = config.create().expect("a producer");
        producer.init_transactions(PATIENCE).expect("transactions");
        Self { producer, prefix: world.topic("") }
    }

    pub(crate) fn begin(&mut self) {
        self.producer.begin_transaction().expect("begun");
    }

    pub(crate) fn write(&self, topic: &str, records: &[(Vec<u8>, Vec<u8>)]) {
        let topic = format!("{}{topic}", self.prefix);
        for (key, value) in records {
            self.producer.send(BaseRecord::to(&topic).key(key.as_slice()).payload(value.as_slice())).expect("sent");
        }
        self.producer.flush(PATIENCE).expect("written");
    }

    /// One record in every partition.
    pub(crate) fn write_everywhere(&self, topic: &str) {
        let topic = format!("{}{topic}", self.prefix);
        for partition in 0..PARTITIONS {
            let record = BaseRecord::to(&topic).key("outsider").payload("x").partition(partition);
            self.producer.send(record).expect("sent");
        }
        self.producer.flush(PATIENCE).expect("written");
    }

    pub(crate) fn commit(&mut self) {
        self.producer.commit_transaction(PATIENCE).expect("committed");
    }

    pub(crate) fn abort(&mut self) {
        self.producer.abort_transaction(PATIENCE).expect("aborted");
    }
}
