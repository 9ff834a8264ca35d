using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace EventFiles.Journeys.Tests;

/// <summary>tus 1.0, spoken by hand, so that a test can be as wrong as it likes.</summary>
internal static class Tus
{
    public static Task<HttpResponseMessage> Create(Person person, long length, string name, params (string, string)[] headers) =>
        Send(person, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative),
        [
            ("Upload-Length", length.ToString(CultureInfo.InvariantCulture)),
            ("Upload-Metadata", $"filename {Convert.ToBase64String(Encoding.UTF8.GetBytes(name))}"),
            .. headers,
        ]);

    /// <summary>Creates an upload and sends all of its bytes along.</summary>
    public static async Task<HttpResponseMessage> Whole(Person person, byte[] bytes, string name)
    {
        using var request = Request(
            HttpMethod.Post, new Uri("api/uploads", UriKind.Relative),
            ("Upload-Length", bytes.Length.ToString(CultureInfo.InvariantCulture)),
            ("Upload-Metadata", $"filename {Convert.ToBase64String(Encoding.UTF8.GetBytes(name))}"));
        request.Content = new ByteArrayContent(bytes);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        return await person.Http.SendAsync(request);
    }

    public static Task<HttpResponseMessage> Patch(
        Person person, Uri upload, long offset, byte[] bytes, params (string Name, string Value)[] headers) =>
        Patch(person, upload, offset, new ByteArrayContent(bytes), headers);

    public static async Task<HttpResponseMessage> Patch(
        Person person, Uri upload, long offset, HttpContent body, params (string Name, string Value)[] headers)
    {
        body.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        using var request = Request(HttpMethod.Patch, upload, [("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture)), .. headers]);
        request.Content = body;
        return await person.Http.SendAsync(request);
    }

    public static async Task<long> Offset(Person person, Uri upload)
    {
        var head = await (await Send(person, HttpMethod.Head, upload)).Expect(200);
        return long.Parse(Assert.Single(head.Headers.GetValues("Upload-Offset")), CultureInfo.InvariantCulture);
    }

    public static async Task<HttpResponseMessage> Send(
        Person person, HttpMethod method, Uri address, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, address, headers);
        return await person.Http.SendAsync(request);
    }

    public static HttpRequestMessage Request(HttpMethod method, Uri address, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, address);
        if (Array.TrueForAll(headers, header => header.Name != "Tus-Resumable"))
            request.Headers.Add("Tus-Resumable", "1.0.0");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}
