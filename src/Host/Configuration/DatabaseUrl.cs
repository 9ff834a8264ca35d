using System.Globalization;
using Npgsql;

namespace EventFiles.Host.Configuration;

/// <summary>A connection URL as operators write it: <c>postgresql://user:password@host:port/database?sslmode=require</c>.</summary>
internal static class DatabaseUrl
{
    /// <summary>For Npgsql.</summary>
    /// <exception cref="SettingsException">It is no such URL; the message never shows it.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("postgresql" or "postgres"))
            throw new SettingsException("A database URL looks like this: postgresql://user:password@host:port/database");
        var user = url.UserInfo.Split(':', 2);
        var read = new NpgsqlConnectionStringBuilder
        {
            Host = url.DnsSafeHost,
            Port = url.IsDefaultPort || url.Port < 0 ? 5432 : url.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Database = Uri.UnescapeDataString(url.AbsolutePath.Trim('/')),
        };
        if (user.Length > 1)
            read.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (pair.Split('=', 2)[0], Uri.UnescapeDataString(pair.Contains('=', StringComparison.Ordinal) ? pair.Split('=', 2)[1] : ""));
            Set(read, name, value);
        }

        return read;
    }

    /// <summary>The other way round, for people and for programs that speak to PostgreSQL.</summary>
    public static string Write(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var host = settings.Host!.Contains(':', StringComparison.Ordinal) ? $"[{settings.Host}]" : settings.Host;
        var query = settings.SslMode == SslMode.Prefer ? "" : "?sslmode=" + Modes.First(mode => mode.Value == settings.SslMode).Key;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"postgresql://{Uri.EscapeDataString(settings.Username!)}:{Uri.EscapeDataString(settings.Password ?? "")}@{host}:{settings.Port}/{Uri.EscapeDataString(settings.Database!)}{query}");
    }

    private static readonly Dictionary<string, SslMode> Modes = new(StringComparer.Ordinal)
    {
        ["disable"] = SslMode.Disable,
        ["allow"] = SslMode.Allow,
        ["prefer"] = SslMode.Prefer,
        ["require"] = SslMode.Require,
        ["verify-ca"] = SslMode.VerifyCA,
        ["verify-full"] = SslMode.VerifyFull,
    };

    private static void Set(NpgsqlConnectionStringBuilder settings, string name, string value)
    {
        switch (name)
        {
            case "sslmode" when Modes.TryGetValue(value, out var mode):
                settings.SslMode = mode;
                break;
            case "sslmode":
                throw new SettingsException($"sslmode is one of {string.Join(", ", Modes.Keys)}.");
            case "sslrootcert" when File.Exists(value):
                settings.RootCertificate = value;
                break;
            case "sslrootcert":
                throw new SettingsException($"sslrootcert names no file: {value}");
            case "connect_timeout" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 1024:
                settings.Timeout = seconds;
                break;
            default:
                throw new SettingsException($"The parameter {name} of a database URL is not known here, or its value is none. Known: sslmode, sslrootcert, connect_timeout.");
        }
    }
}
