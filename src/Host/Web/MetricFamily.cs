using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace EventFiles.Host.Web;

/// <summary>All that one instrument has measured, by its labels.</summary>
internal sealed class MetricFamily
{
    // For durations in seconds that bring no boundaries of their own.
    private static readonly double[] UsualBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Lock access = new();
    private readonly SortedDictionary<string, Series> series = new(StringComparer.Ordinal);
    private readonly string name;
    private readonly string help;
    private readonly string type;
    private readonly bool adds;
    private readonly bool isObservable;
    private readonly double[]? bounds;

    public MetricFamily(Instrument instrument)
    {
        name = NameOf(instrument);
        help = (instrument.Description ?? "").Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        isObservable = instrument.IsObservable;
        bounds = instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } own } => [.. own],
            Histogram<double> or Histogram<long> or Histogram<int> => UsualBounds,
            _ => null,
        };
        adds = Is(instrument, typeof(Counter<>), typeof(UpDownCounter<>));
        type = bounds is not null ? "histogram" : IsCounter(instrument) ? "counter" : "gauge";
    }

    /// <summary>As Prometheus's users expect it: with the unit, and <c>_total</c> for what only grows.</summary>
    public static string NameOf(Instrument instrument)
    {
        var text = new StringBuilder(instrument.Name.Length + 16);
        foreach (var letter in instrument.Name)
            text.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        foreach (var suffix in new[] { instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" }, IsCounter(instrument) ? "_total" : "" })
        {
            if (!text.ToString().EndsWith(suffix, StringComparison.Ordinal))
                text.Append(suffix);
        }

        return text.ToString();
    }

    /// <summary>Forgets what is asked for anew each time.</summary>
    public void BeforeObserving()
    {
        if (!isObservable)
            return;
        lock (access)
            series.Clear();
    }

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        lock (access)
        {
            if (!series.TryGetValue(labels, out var one))
                series[labels] = one = new Series(bounds);
            one.Take(value, adds);
        }
    }

    public void Write(StringBuilder text)
    {
        lock (access)
        {
            if (series.Count == 0)
                return;
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
            foreach (var (labels, one) in series)
                one.Write(text, name, labels);
        }
    }

    private static bool IsCounter(Instrument instrument) => Is(instrument, typeof(Counter<>), typeof(ObservableCounter<>));

    private static bool Is(Instrument instrument, params Type[] kinds) =>
        Array.IndexOf(kinds, instrument.GetType().GetGenericTypeDefinition()) >= 0;

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (text.Length > 0)
                text.Append(',');
            foreach (var letter in key)
                text.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
            text.Append("=\"");
            foreach (var letter in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                _ = letter switch { '\\' => text.Append(@"\\"), '"' => text.Append("\\\""), '\n' => text.Append(@"\n"), _ => text.Append(letter) };
            text.Append('"');
        }

        return text.ToString();
    }

    private sealed class Series(double[]? bounds)
    {
        private readonly long[] buckets = new long[(bounds?.Length ?? 0) + 1];
        private double sum;

        public void Take(double value, bool adds)
        {
            sum = adds || bounds is not null ? sum + value : value;
            var bucket = bounds is null ? 0 : Array.FindIndex(bounds, bound => value <= bound);
            buckets[bucket < 0 ? ^1 : bucket]++;
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            if (bounds is null)
            {
                Line(text, name, labels, sum);
                return;
            }

            var sofar = 0L;
            for (var i = 0; i < buckets.Length; i++)
            {
                sofar += buckets[i];
                var bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                Line(text, name + "_bucket", $"{labels}{(labels.Length == 0 ? "" : ",")}le=\"{bound}\"", sofar);
            }

            Line(text, name + "_sum", labels, sum);
            Line(text, name + "_count", labels, sofar);
        }

        private static void Line(StringBuilder text, string name, string labels, double value) => text.Append(
            CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {value:R}\n");
    }
}
