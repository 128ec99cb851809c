package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are those of one process. It is safe for concurrent use; a nil one counts
// nothing.
type Metrics struct {
	registry *prometheus.Registry

	tasks    *prometheus.CounterVec
	taskTook *prometheus.HistogramVec
	taskLate *prometheus.HistogramVec
	calls    *prometheus.CounterVec
	callTook *prometheus.HistogramVec
	requests *prometheus.CounterVec
	reqTook  *prometheus.HistogramVec
}

// The labels.
const (
	labelTarget  = "target"
	labelVerb    = "verb"
	labelStatus  = "status"
	labelCode    = "code"
	labelOutcome = "outcome"
	labelRoute   = "route"
)

// brief are the bounds, in seconds, of what a request or a task takes, and late
// those of how long after its instant a task was done: a late one is a failure
// whether it is minutes or days.
func brief() []float64 { return []float64{.01, .03, .1, .3, 1, 3, 10, 30, 100} }

func late() []float64 {
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	return []float64{1, 5, 15, minute, 5 * minute, 15 * minute, hour, 6 * hour, day, 7 * day}
}

// New returns metrics with nothing counted.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		tasks: counter("tenure_tasks_total", "Tasks that were attempted, by how the attempt ended.",
			labelTarget, labelVerb, labelStatus, labelCode),
		taskTook: histogram("tenure_task_duration_seconds", "How long an attempt at a task took.", brief(), labelTarget, labelVerb),
		taskLate: histogram("tenure_task_lateness_seconds", "How long after it was due a task was done. What HR said late counts as late.",
			late(), labelTarget, labelVerb),
		calls: counter("tenure_target_calls_total", "Calls of targets, by what came back.", labelTarget, labelVerb, labelOutcome),
		callTook: histogram("tenure_target_call_duration_seconds", "How long a call of a target took, with the wait for its budget.",
			brief(), labelTarget, labelVerb),
		requests: counter("tenure_api_requests_total", "Requests to the API, webhooks of HR included.", labelRoute, labelStatus),
		reqTook:  histogram("tenure_api_request_duration_seconds", "How long the answer to a request took.", brief(), labelRoute),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.tasks, m.taskTook, m.taskLate, m.calls, m.callTook, m.requests, m.reqTook)
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histogram(name, help string, bounds []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}, labels)
}

// Registry is where others add what they count; nil where nobody looks.
func (m *Metrics) Registry() *prometheus.Registry {
	if m == nil {
		return nil
	}
	return m.registry
}

// Task is one attempt at a task.
type Task struct {
	// Target is "" for mails and extensions.
	Target, Verb string
	// Status is how it ended, and Code the word of docs/errors.md for it.
	Status, Code string
	Took         time.Duration
	// Late is how long after it was due the task was done; it counts where Done.
	Late time.Duration
	Done bool
}

// Task counts an attempt at a task.
func (m *Metrics) Task(t Task) {
	if m == nil {
		return
	}
	m.tasks.WithLabelValues(t.Target, t.Verb, t.Status, t.Code).Inc()
	m.taskTook.WithLabelValues(t.Target, t.Verb).Observe(t.Took.Seconds())
	if t.Done {
		m.taskLate.WithLabelValues(t.Target, t.Verb).Observe(max(t.Late, 0).Seconds())
	}
}

// Call counts a call of a target.
func (m *Metrics) Call(target, verb, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.calls.WithLabelValues(target, verb, outcome).Inc()
	m.callTook.WithLabelValues(target, verb).Observe(took.Seconds())
}

// Request counts a request to the API by the pattern of its route.
func (m *Metrics) Request(route string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.reqTook.WithLabelValues(route).Observe(took.Seconds())
}
