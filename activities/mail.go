package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tenure/internal/notify"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// SendMail sends one mail. It is claimed before it is sent: a known outcome is
// never repeated; an unknown one waits for a human, and a human's retry sends
// the same Message-ID again. Already done is a delivery known as sent.
func (t *Tasks) SendMail(ctx context.Context, in TaskInput) (TaskResult, error) {
	return t.run(ctx, in, nil, func(ctx context.Context, j *job, task plan.Task) (string, error) {
		defined, err := j.definition(task)
		if err != nil {
			return "", err
		}
		mailer, err := j.deps.Mail(ctx, j.policy.Policy)
		if err != nil {
			return "", fmt.Errorf("open mail: %w", err)
		}
		to, fallback, err := j.recipientOf(ctx, task, defined)
		if err != nil {
			return "", err
		}
		values, err := j.values(ctx, task, to)
		if err != nil {
			return "", err
		}
		template, code := defined.Template, ""
		if fallback {
			template, code = notify.DeliveryFallback, toFallback
			values[notify.TokenFallbackReason] = notify.Text("no recipient could be reached")
			values[notify.TokenFallbackTask] = notify.Text(task.Task)
		}
		message, err := j.message(mailer, j.effectKey(task), template, defined.Locale, to, values)
		if err != nil {
			return "", err
		}
		return code, j.deliver(ctx, mailer.Sender, j.effectKey(task), template, message)
	})
}

// deliver sends a message under its claim.
func (j *job) deliver(ctx context.Context, sender notify.Sender, key, template string, message notify.Message) error {
	delivery, existed, err := j.deps.Store.ClaimDelivery(ctx, store.Delivery{
		Key: key, MessageID: message.MessageID(), Template: template,
		RecipientMasked: maskAddress(message.To.Address), State: store.DeliveryClaimed, At: j.Now,
	})
	if err != nil {
		return fmt.Errorf("claim delivery: %w", err)
	}
	if existed {
		if done, err := j.reclaim(ctx, delivery); done || err != nil {
			return err
		}
	}
	_, sendErr := sender.Send(ctx, message)
	state := store.DeliverySent
	switch notify.OutcomeOf(sendErr) {
	case notify.OutcomeNotSent:
		state = store.DeliveryFailed
	case notify.OutcomeUnknown:
		state = store.DeliveryUnknown
	case notify.OutcomeSent:
	}
	// What is known must be written even where the activity was cancelled.
	err = j.deps.Store.SetDelivery(context.WithoutCancel(ctx), key, store.DeliveryClaimed, state, j.Now)
	if err != nil {
		return fmt.Errorf("record delivery: %w", err)
	}
	if errors.Is(sendErr, notify.ErrUnknownDelivery) || state == store.DeliveryUnknown {
		return failForHuman(CodeDeliveryUnknown, "the mail may have been sent: retry sends it again, skip leaves it")
	}
	return wrap("send mail", sendErr)
}

// reclaim decides about a mail that an earlier attempt claimed.
func (j *job) reclaim(ctx context.Context, delivery store.Delivery) (done bool, err error) {
	switch delivery.State {
	case store.DeliverySent:
		return true, nil
	case store.DeliveryFailed:
	case store.DeliveryClaimed, store.DeliveryUnknown:
		// What a human agreed to is one more mail, not one with each attempt.
		used := delivery.State == store.DeliveryClaimed && delivery.At.Equal(j.Now.Truncate(time.Microsecond))
		if !j.Approved || used {
			return false, failForHuman(CodeDeliveryUnknown, "the mail may have been sent: retry sends it again, skip leaves it")
		}
	}
	err = j.deps.Store.SetDelivery(ctx, delivery.Key, delivery.State, store.DeliveryClaimed, j.Now)
	return false, wrap("claim delivery again", err)
}

// maskAddress keeps the domain and the first letter.
func maskAddress(address string) string {
	local, domain, found := strings.Cut(address, "@")
	if !found || local == "" {
		return "***"
	}
	return local[:1] + "***@" + domain
}
