package main

import "kafka-workshop/participant-client/inspect"

// topicCommand prints the topic's partitions and settings.
type topicCommand struct{ outputFormat }

// Run is called by the command line.
func (c *topicCommand) Run(env environment) error {
	if err := env.flags.validate(); err != nil {
		return err
	}
	client, err := env.client()
	if err != nil {
		return err
	}
	defer client.Close()

	topic, err := inspect.FindTopic(env.ctx, client, env.flags.topic())
	if err != nil {
		return err
	}
	if c.json() {
		return topic.WriteJSON(env.stdout)
	}
	return topic.WritePlain(env.stdout)
}
