using System.Globalization;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.ReadModels.Redis;
using Npgsql;
using static EventFiles.Host.Configuration.SettingNames;

namespace EventFiles.Host.Configuration;

/// <summary>Reads the addresses of servers, and refuses logins that everybody knows.</summary>
internal sealed class ServerReader(SettingSources sources, List<string> mistakes)
{
    /// <summary>For Npgsql.</summary>
    public string? Database(SettingName name)
    {
        if (sources[name.Name] is not { Value: var text })
            return null;
        NpgsqlConnectionStringBuilder read;
        try
        {
            read = DatabaseUrl.Read(text);
        }
        catch (SettingsException wrong)
        {
            Add(name, wrong.Message);
            return null;
        }

        if (read.Host!.Length == 0)
            Add(name, "it names no host.");
        if (read.Username!.Length == 0)
            Add(name, "it names no user.");
        if (read.Database!.Length == 0)
            Add(name, "it names no database.");
        Refuse(name, read.Username, read.Password ?? "");
        read.ApplicationName = PrivatePostgres.Name;
        read.NoResetOnClose = true;
        read.MaxAutoPrepare = 50;
        read.AutoPrepareMinUsages = 2;
        read.MaxPoolSize = Connections();
        return read.ConnectionString;
    }

    public Uri? Redis()
    {
        if (Address(SettingNames.Redis, "redis", "rediss") is not { } url)
            return null;
        var (user, password) = Login(url);
        Refuse(SettingNames.Redis, user, password);
        if (!RedisAddress.TryParse(url.OriginalString, out _, out var wrong))
            Add(SettingNames.Redis, wrong);
        return url;
    }

    public Uri? RabbitMq() => WithLogin(SettingNames.RabbitMq, "amqp", "amqps");

    public Uri? RabbitMqManagement() => WithLogin(SettingNames.RabbitMqManagement, "http", "https");

    public S3Settings? S3(bool isDirect)
    {
        var useSsl = Flag(MinioUseSsl, false);
        var all = new[] { S3Endpoint, S3Bucket, S3AccessKey, S3SecretKey };
        var said = all.ToDictionary(one => one, Either);
        if (said.Values.All(one => one is null))
        {
            foreach (var lonely in new[] { MinioUseSsl, S3ForcePathStyle, S3Region, S3Prefix, S3CreateBucket, S3Authorities, S3PresignedReads, S3PublicEndpoint }.Where(one => sources[one.Name] is not null))
                Add(lonely, "it says nothing without S3_ENDPOINT.");
            return null;
        }

        foreach (var missing in all.Where(one => said[one] is null))
            Add(missing, $"it is missing, and {said.First(one => one.Value is not null).Value!.Name} is there: they belong together.");
        var (forcePathStyle, createBucket, presignedReads) = (Flag(S3ForcePathStyle, true), Flag(S3CreateBucket, true), Flag(S3PresignedReads, false));
        var prefix = sources[S3Prefix.Name]?.Value ?? "";
        if (prefix.Length > 200 || !prefix.All(letter => IsOfBuckets(letter) || letter is '_' or '/'))
            Add(S3Prefix, "it has at most 200 small letters, digits, points, hyphens, underscores and slashes.");
        var authorities = sources[S3Authorities.Name]?.Value;
        if (authorities is not null && !File.Exists(authorities))
            Add(S3Authorities, $"there is no file {authorities}.");
        if (said.Values.Any(one => one is null))
            return null;

        var endpoint = Endpoint(said[S3Endpoint]!, useSsl);
        var bucket = said[S3Bucket]!.Value;
        if (bucket.Length is < 3 or > 63 || !bucket.All(IsOfBuckets))
            Add(S3Bucket, "a bucket's name has 3 to 63 small letters, digits, points and hyphens.");
        Refuse(S3SecretKey, said[S3AccessKey]!.Value, said[S3SecretKey]!.Value);
        return endpoint is null ? null : new S3Settings
        {
            Endpoint = endpoint,
            Region = sources[S3Region.Name]?.Value ?? S3Region.Default!,
            Bucket = bucket,
            AccessKey = said[S3AccessKey]!.Value,
            SecretKey = said[S3SecretKey]!.Value,
            ForcePathStyle = forcePathStyle,
            Prefix = prefix,
            CreateBucket = createBucket,
            AuthoritiesFile = authorities,
            PresignedReads = presignedReads,
            PublicEndpoint = Address(S3PublicEndpoint, "http", "https"),
            DirectUploads = isDirect,
        };
    }

    private static bool IsOfBuckets(char letter) =>
        char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.';

    // By its own name or by MinIO's; both only if they say the same.
    private Named? Either(SettingName name)
    {
        var alias = Aliases.First(one => one.Value == name).Key;
        var (own, other) = (sources[name.Name], sources[alias]);
        if (own is not null && other is not null && own.Value != other.Value)
            Add(name, $"{alias} ({other.Where}) says something else. Leave one of the two.");
        return own is not null ? new(name.Name, own.Value) : other is not null ? new(alias, other.Value) : null;
    }

    private Uri? Endpoint(Named said, bool useSsl)
    {
        var hasScheme = said.Value.Contains("://", StringComparison.Ordinal);
        var text = hasScheme || said.Name == S3Endpoint.Name ? said.Value : $"{(useSsl ? "https" : "http")}://{said.Value}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0 || url.AbsolutePath != "/")
        {
            Add(S3Endpoint, $"{said.Name} is no http or https address of a server.");
            return null;
        }

        if (hasScheme && sources[MinioUseSsl.Name] is not null && useSsl != (url.Scheme == "https"))
            Add(MinioUseSsl, $"{said.Name} begins with {url.Scheme}: the two say different things.");
        if (url.UserInfo.Length > 0)
            Add(S3Endpoint, "the account stands in S3_ACCESS_KEY and S3_SECRET_KEY, not in the address.");
        return url;
    }

    private Uri? WithLogin(SettingName name, params string[] schemes)
    {
        if (Address(name, schemes) is not { } url)
            return null;
        var (user, password) = Login(url);
        if (user.Length == 0)
            Add(name, "it names no user.");
        Refuse(name, user, password);
        return url;
    }

    private Uri? Address(SettingName name, params string[] schemes)
    {
        if (sources[name.Name] is not { Value: var text })
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && schemes.Contains(url.Scheme, StringComparer.Ordinal) && url.Host.Length > 0)
            return url;
        Add(name, $"it is no address that begins with {string.Join(":// or ", schemes)}://.");
        return null;
    }

    private static (string User, string Password) Login(Uri url)
    {
        var parts = url.UserInfo.Split(':', 2);
        return (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    private int Connections()
    {
        var text = sources[DatabaseConnections.Name]?.Value ?? DatabaseConnections.Default!;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 10 and <= 1000)
            return number;
        var mistake = SettingsReader.Mistake(DatabaseConnections, sources[DatabaseConnections.Name], $"{text} is no whole number from 10 to 1000.");
        if (!mistakes.Contains(mistake, StringComparer.Ordinal))
            mistakes.Add(mistake);
        return 10;
    }

    private bool Flag(SettingName name, bool usual)
    {
        switch (sources[name.Name]?.Value.ToLowerInvariant())
        {
            case null:
                return usual;
            case "true" or "1" or "yes":
                return true;
            case "false" or "0" or "no":
                return false;
            default:
                Add(name, "it is neither true nor false.");
                return usual;
        }
    }

    private void Refuse(SettingName name, string user, string password)
    {
        if (Credentials.Wrong(user, password) is { } wrong)
            Add(name, wrong + ".");
    }

    private void Add(SettingName name, string wrong) => mistakes.Add(SettingsReader.Mistake(name, sources[name.Name], wrong));

    private sealed record Named(string Name, string Value);
}
