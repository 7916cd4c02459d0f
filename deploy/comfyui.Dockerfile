# ComfyUI as a separate program (GPL-3.0) on an NVIDIA card; nothing of it is part of the studio.
FROM pytorch/pytorch:2.9.1-cuda12.8-cudnn9-runtime
ARG COMFYUI_VERSION=0.33.0
ADD https://github.com/comfyanonymous/ComfyUI/archive/refs/tags/v${COMFYUI_VERSION}.tar.gz /tmp/comfyui.tar.gz
RUN mkdir -p /opt/comfyui \
    && tar -xzf /tmp/comfyui.tar.gz --strip-components=1 -C /opt/comfyui \
    && rm /tmp/comfyui.tar.gz \
    && pip install --no-cache-dir -r /opt/comfyui/requirements.txt \
    && useradd --uid 10002 --user-group --home-dir /opt/comfyui --no-create-home comfyui \
    && chown -R comfyui:comfyui /opt/comfyui
USER comfyui
WORKDIR /opt/comfyui
EXPOSE 8188
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8188/prompt', timeout=4)"]
CMD ["python", "main.py", "--listen", "0.0.0.0", "--port", "8188"]
