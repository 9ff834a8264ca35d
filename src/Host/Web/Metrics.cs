using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using EventFiles.Infrastructure.Pipeline;

namespace EventFiles.Host.Web;

/// <summary>
/// What this process counts and measures, as Prometheus reads it (text format 0.0.4). Figures only, of nobody in
/// particular; a proxy in front keeps the address to itself all the same.
/// </summary>
internal sealed class Metrics : IDisposable
{
    private static readonly string[] Meters =
    [
        Tracing.Name, "EventFiles.EventStore", "System.Runtime",
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
    ];

    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> families = new(StringComparer.Ordinal);
    private readonly Lock reading = new();

    /// <summary>Listens from now on.</summary>
    public Metrics()
    {
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (Array.IndexOf(Meters, instrument.Meter.Name) >= 0)
                all.EnableMeasurementEvents(instrument, families.GetOrAdd(MetricFamily.NameOf(instrument), _ => new(instrument)));
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, family) => ((MetricFamily)family!).Take(value, tags));
        listener.SetMeasurementEventCallback<long>((_, value, tags, family) => ((MetricFamily)family!).Take(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, family) => ((MetricFamily)family!).Take(value, tags));
        listener.Start();
    }

    /// <summary>All there is to tell now.</summary>
    public string Text()
    {
        lock (reading)
        {
            foreach (var family in families.Values)
                family.BeforeObserving();
            try
            {
                listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // What cannot be observed now is left out; the others are told.
            }

            var text = new StringBuilder();
            foreach (var (_, family) in families.OrderBy(one => one.Key, StringComparer.Ordinal))
                family.Write(text);
            return text.ToString();
        }
    }

    public void Dispose() => listener.Dispose();
}

/// <summary>The page at <c>/metrics</c>.</summary>
internal static class MetricsPage
{
    public const string Path = "/metrics";

    public static void AddMetricsPage(this IServiceCollection services) => services.AddSingleton<Metrics>();

    public static void MapMetrics(this WebApplication app)
    {
        // Made now: what happens before the first question counts too.
        var metrics = app.Services.GetRequiredService<Metrics>();
        app.MapGet(Path, (HttpResponse reply) =>
        {
            reply.Headers.CacheControl = "no-store";
            return TypedResults.Text(metrics.Text(), "text/plain; version=0.0.4", Encoding.UTF8);
        }).AllowAnonymous().ExcludeFromDescription();
    }
}
